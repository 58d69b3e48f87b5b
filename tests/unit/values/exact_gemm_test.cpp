// Exact block sums of the executor against the array's kernels on the operands that the chip
// gathers, bit for bit.
#include "models/values/exact_gemm.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "models/arithmetic/operands.h"
#include "models/core/rng.h"
#include "models/formats/format_table.h"
#include "models/mapping/tiles/operand_data.h"
#include "models/values/array_gemm.h"
#include "models/values/exact_kernel.h"
#include "models/workload/lower.h"
#include "tests/support/small_graphs.h"

namespace mxsim {
namespace {

ArraySpec exact_array() {
  ArraySpec spec;
  spec.rows = 8;
  spec.cols = 8;
  spec.accumulator = Accumulator::kExactBlock;
  return spec;
}

StoredMatrix stored(const StoredTensor& tensor, const DataLayout& layout, Workers& workers) {
  StoredMatrix matrix(layout, tensor.rows, tensor.cols);
  matrix.encode(seeded_values(tensor, 1).data(), workers);
  return matrix;
}

OperandMatrix operands(const StoredMatrix& matrix) {
  return {matrix.cols(), array_operands(matrix.quantized()),
          OperandDecoder(matrix.layout().format)};
}

void expect_bits_of_the_array(const Graph& graph, const std::string& format,
                              std::optional<BlockShape> block) {
  LoweringPolicy policy;
  policy.batch = 3;
  policy.wide = parse_format("bf16");
  policy.formats.format = parse_format(format);
  policy.formats.block = block;
  const OpList ops = lower(graph, policy);
  const ArraySpec array = exact_array();
  Workers workers(2);
  for (const OpGroup& group : ops.groups) {
    for (const GemmWork& work : group.gemms) {
      if (work.gemm_k() == 0) continue;
      SCOPED_TRACE(group.layer + " " + group.op + " " + std::string(to_string(group.pass)));
      const auto matrix = [&](TensorId id, const DataLayout& layout) {
        return stored(ops.tensors[static_cast<std::size_t>(id)], layout, workers);
      };
      const StoredMatrix a = matrix(work.a, {work.format_a, work.block_a});
      const StoredMatrix b = matrix(work.b, {work.format_b, work.block_b});
      const std::optional<ExactMatrix> exact_a = exact_matrix(a);
      const std::optional<ExactMatrix> exact_b = exact_matrix(b);
      ASSERT_TRUE(exact_a && exact_b);
      std::vector<float> fast(static_cast<std::size_t>(group.elements()), -1.0F);
      std::vector<float> slow = fast;
      ASSERT_TRUE(try_multiply({array,
                                group.pass,
                                work,
                                grid_size(group),
                                *exact_a,
                                *exact_b,
                                {fast.data(), group.rows, group.cols}},
                               workers));
      multiply(ArrayGemm{array,
                         group.pass,
                         work,
                         grid_size(group),
                         operands(a),
                         operands(b),
                         {slow.data(), group.rows, group.cols}},
               workers);
      for (std::size_t i = 0; i < fast.size(); ++i) {
        ASSERT_EQ(std::bit_cast<std::uint32_t>(fast[i]), std::bit_cast<std::uint32_t>(slow[i]))
            << "element " << i;
      }
    }
  }
}

Graph convolutions() {
  return GraphBuilder({4, 9, 7})
      .layer("c1", "conv2d", {"image"},
             {{"out_channels", {10}}, {"kernel", {3}}, {"padding", {1}}, {"stride", {2}}})
      .layer("c2", "conv2d", {"c1"},
             {{"out_channels", {20}}, {"kernel", {2, 3}}, {"groups", {2}}, {"dilation", {2, 1}}})
      .layer("c3", "conv2d", {"c2"}, {{"out_channels", {20}}, {"kernel", {1}}, {"groups", {20}}})
      .layer("flat", "flatten", {"c3"})
      .layer("fc", "linear", {"flat"}, {{"out_features", {11}}})
      .layer("loss", "cross_entropy", {"fc"})
      .build();
}

TEST(ExactGemm, AddsConvolutionsAsTheArrayDoes) {
  for (const char* format : {"mxsf", "mxfp8_e4m3", "mxint8", "mxfp4_e2m1"}) {
    SCOPED_TRACE(format);
    expect_bits_of_the_array(convolutions(), format, {});
    expect_bits_of_the_array(convolutions(), format, BlockShape{4, 2});
  }
}

TEST(ExactGemm, AddsAttentionAsTheArrayDoes) {
  for (const char* format : {"mxsf", "mxint8"}) {
    SCOPED_TRACE(format);
    expect_bits_of_the_array(attention_graph(10, 3, 6), format, {});
  }
}

/// Sums and parts of all sizes, so that parts are rounded in every position, cancel, and underflow.
TEST(ExactGemm, FastKernelRoundsEachPartOnce) {
  const CounterRng rng(9, "exact kernel");
  for (std::uint64_t draw = 0; draw < 300; ++draw) {
    const auto number = [&](std::uint64_t i) { return rng.bits(draw * 1000 + i); };
    const auto count = static_cast<std::int64_t>(1 + number(0) % 9);
    const auto rows = static_cast<std::int64_t>(1 + number(1) % kPackedRows);
    std::vector<double> a(static_cast<std::size_t>(count * kPackedRows));
    std::vector<double> b(static_cast<std::size_t>(count * kPackedCols));
    const double width = std::ldexp(1.0, static_cast<int>(number(2) % 20) + 1);
    for (std::size_t i = 0; i < a.size(); ++i)
      a[i] = std::round(rng.normal(draw * 999 + i) * width);
    for (std::size_t i = 0; i < b.size(); ++i)
      b[i] = std::round(rng.normal(draw * 777 + i) * width);
    double a_scale[kPackedRows];
    double b_scale[kPackedCols];
    for (double& s : a_scale) s = std::ldexp(1.0, static_cast<int>(number(3) % 60) - 60);
    for (double& s : b_scale) s = std::ldexp(1.0, static_cast<int>(number(4) % 140) - 120);
    std::vector<float> fast(kPackedRows * kPackedCols);
    for (std::size_t i = 0; i < fast.size(); ++i) {
      fast[i] = static_cast<float>(
          std::ldexp(rng.normal(draw * 555 + i), static_cast<int>(number(50 + i) % 100) - 80));
    }
    const std::vector<float> begun = fast;
    std::vector<float> plain = begun;
    exact_kernel(rows,
                 SimdLevel::kScalar)({a.data(), b.data(), count, a_scale, b_scale, plain.data()});
    for (const SimdLevel level : exact_kernel_levels()) {
      fast = begun;
      exact_kernel(rows, level)({a.data(), b.data(), count, a_scale, b_scale, fast.data()});
      for (std::size_t i = 0; i < fast.size(); ++i) {
        ASSERT_EQ(std::bit_cast<std::uint32_t>(fast[i]), std::bit_cast<std::uint32_t>(plain[i]))
            << draw << " element " << i << " " << to_string(level);
      }
    }
  }
}

}  // namespace
}  // namespace mxsim
