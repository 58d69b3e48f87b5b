// GEMMs of the executor on stored matrices against the array's own arithmetic on the operands that
// the chip gathers, bit for bit.
#include "models/values/fp32_gemm.h"

#include <gtest/gtest.h>

#include <bit>

#include "models/arithmetic/tile_kernel.h"
#include "models/core/rng.h"
#include "models/formats/format_table.h"
#include "models/mapping/tiles/operand_data.h"
#include "models/values/gemm_kernel.h"
#include "models/values/gemm_places.h"
#include "models/values/tensor_store.h"
#include "models/workload/lower.h"
#include "tests/support/small_graphs.h"

namespace mxsim {
namespace {

ArraySpec small_array() {
  ArraySpec spec;
  spec.rows = 8;
  spec.cols = 8;
  return spec;
}

/// Row of the group's grid of every result row, as regions say.
std::vector<std::int64_t> rows_of(const TensorRegion& region) {
  std::vector<std::int64_t> rows;
  for (std::int64_t i = 0; i < region.images.count; ++i) {
    for (std::int64_t y = 0; y < region.h.count; ++y) {
      for (std::int64_t x = 0; x < region.w.count; ++x) {
        const std::int64_t row = region.h.start + y * region.h.step;
        rows.push_back(((region.images.start + i) * region.height + row) * region.width +
                       region.w.start + x * region.w.step);
      }
    }
  }
  return rows;
}

std::vector<float> on_array(const OpGroup& group, OperandData& data) {
  std::vector<float> result(static_cast<std::size_t>(group.elements()));
  for (const GemmWork& work : group.gemms) {
    for (std::int64_t product = 0; product < work.products(); ++product) {
      const GemmTile tile = whole_product(work, product);
      const GemmExtents size = extents(work, tile);
      std::vector<float> c(static_cast<std::size_t>(size.m * size.n));
      if (size.k > 0) {
        const OperandData::Tile operands = data.gather(work, tile);
        ArrayCommand command;
        command.dataflow = small_array().dataflow[group.pass];
        command.m = size.m;
        command.n = size.n;
        command.k = size.k;
        compute_tile(small_array(), command,
                     {operands.a, operands.b, c, operands.a_decoder, operands.b_decoder});
      }
      const TensorRegion region = result_region(work, grid_size(group), tile);
      std::size_t next = 0;
      for (const std::int64_t row : rows_of(region)) {
        for (std::int64_t n = 0; n < size.n; ++n) {
          result[static_cast<std::size_t>(row * group.cols + region.cols.start + n)] = c[next++];
        }
      }
    }
  }
  return result;
}

void expect_bits_of_the_array(const Graph& graph, const std::string& format) {
  LoweringPolicy policy;
  policy.batch = 3;
  policy.wide = parse_format("bf16");
  policy.formats.format = parse_format(format);
  const OpList ops = lower(graph, policy);
  const ArraySpec array = small_array();
  OperandData data(ops, 1);
  Workers workers(2);
  TensorStore store(ops, array, workers);
  for (std::size_t id = 0; id < ops.tensors.size(); ++id) {
    if (is_code_format(ops.tensors[id].layout.format)) continue;
    store.store(static_cast<TensorId>(id), seeded_values(ops.tensors[id], 1).data());
  }
  for (const OpGroup& group : ops.groups) {
    if (group.gemms.empty()) continue;
    SCOPED_TRACE(group.layer + " " + group.op + " " + std::string(to_string(group.pass)));
    std::vector<float> result(static_cast<std::size_t>(group.elements()), -1.0F);
    store.begin_group();
    store.multiply(group, result.data());
    const std::vector<float> expected = on_array(group, data);
    for (std::size_t i = 0; i < result.size(); ++i) {
      ASSERT_EQ(std::bit_cast<std::uint32_t>(result[i]), std::bit_cast<std::uint32_t>(expected[i]))
          << "element " << i;
    }
  }
}

Graph convolutions() {
  return GraphBuilder({4, 9, 7})
      .layer("c1", "conv2d", {"image"},
             {{"out_channels", {10}}, {"kernel", {3}}, {"padding", {1}}, {"stride", {2}}})
      .layer("c2", "conv2d", {"c1"},
             {{"out_channels", {20}}, {"kernel", {2, 3}}, {"groups", {2}}, {"dilation", {2, 1}}})
      .layer("c3", "conv2d", {"c2"},
             {{"out_channels", {20}}, {"kernel", {2}}, {"padding", {1}}, {"groups", {20}}})
      .layer("c4", "conv2d", {"c3"},
             {{"out_channels", {20}}, {"kernel", {3}}, {"stride", {2}}, {"groups", {20}}})
      .layer("flat", "flatten", {"c4"})
      .layer("fc", "linear", {"flat"}, {{"out_features", {11}}})
      .layer("loss", "cross_entropy", {"fc"})
      .build();
}

TEST(Fp32Gemm, AddsConvolutionsAsTheArrayDoes) {
  for (const char* format : {"fp32", "bf16", "mxsf", "mxfp8_e4m3", "mxint8", "mxfp4_e2m1"}) {
    SCOPED_TRACE(format);
    expect_bits_of_the_array(convolutions(), format);
  }
}

TEST(Fp32Gemm, AddsAttentionAsTheArrayDoes) {
  for (const char* format : {"bf16", "mxsf", "mxfp8_e5m2"}) {
    SCOPED_TRACE(format);
    expect_bits_of_the_array(attention_graph(10, 3, 6), format);
  }
}

TEST(Fp32Gemm, FastKernelRoundsAsFusedOperations) {
  constexpr std::int64_t kCount = 37;
  const CounterRng rng(5, "kernel");
  std::vector<float> a(kCount * kPackedRows);
  std::vector<float> b(kCount * kPackedCols);
  for (std::size_t i = 0; i < a.size(); ++i) a[i] = static_cast<float>(rng.normal(i));
  for (std::size_t i = 0; i < b.size(); ++i) b[i] = static_cast<float>(rng.normal(1000 + i));
  std::vector<float> fast(kPackedRows * kPackedCols, 0.5F);
  std::vector<float> plain = fast;
  gemm_kernel()(a.data(), b.data(), kCount, fast.data());
  plain_gemm_kernel(a.data(), b.data(), kCount, plain.data());
  EXPECT_EQ(fast, plain);
}

}  // namespace
}  // namespace mxsim
