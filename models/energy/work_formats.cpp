#include "models/energy/work_formats.h"

#include <algorithm>

#include "models/arithmetic/dot_product.h"
#include "models/arithmetic/exact_sums.h"
#include "models/chip/requant_patch.h"
#include "models/dataflow/dataflow_table.h"
#include "models/formats/format_parser.h"

namespace mxsim {
namespace {

bool draws_words(const OpGroup& group) {
  return std::any_of(group.vector_ops.begin(), group.vector_ops.end(),
                     [](const VectorOps& each) { return each.op == Event::kRandomDraws; });
}

/// Of operands that are encoded as they are loaded.
std::int64_t patch_rows_of(const OpList& ops, const GemmWork& work) {
  const auto rows = [&](TensorId id, const FormatSpec& format, BlockShape block) -> std::int64_t {
    if (id < 0) return 0;  // a GEMM by itself
    const DataLayout& stored = ops.tensors.at(static_cast<std::size_t>(id)).layout;
    return stored == DataLayout{format, block} ? 0 : patch_rows(block);
  };
  return std::max(rows(work.a, work.format_a, work.block_a),
                  rows(work.b, work.format_b, work.block_b));
}

std::int64_t most_patch_rows(const OpList& ops) {
  std::int64_t rows = 0;
  for (const OpGroup& group : ops.groups) {
    for (const GemmWork& work : group.gemms) rows = std::max(rows, patch_rows_of(ops, work));
  }
  return rows;
}

}  // namespace

WorkFormats work_formats(const OpList& ops, const OpGroup& group) {
  const FormatSpec fp32 = parse_format("fp32");
  WorkFormats formats{fp32, fp32, fp32};
  if (!group.gemms.empty()) {
    formats.a = group.gemms.front().format_a;
    formats.b = group.gemms.front().format_b;
    formats.draws =
        formats.a.rounding == Rounding::kStochastic || formats.b.rounding == Rounding::kStochastic;
    formats.hadamard = std::max(formats.a.hadamard, formats.b.hadamard);
  }
  const auto quantized =
      std::find_if(group.writes.begin(), group.writes.end(),
                   [](const TensorWrite& write) { return write.encoding == Encoding::kQuantize; });
  if (quantized != group.writes.end()) {
    formats.encoded = ops.tensors.at(static_cast<std::size_t>(quantized->tensor)).layout.format;
  }
  return formats;
}

std::vector<WorkFormats> formats_in_use(const OpList& ops) {
  std::vector<WorkFormats> in_use;
  for (const OpGroup& group : ops.groups) {
    if (group.gemms.empty()) continue;
    WorkFormats formats = work_formats(ops, group);
    if (std::find(in_use.begin(), in_use.end(), formats) == in_use.end()) {
      in_use.push_back(std::move(formats));
    }
  }
  if (in_use.empty()) in_use.push_back(work_formats(ops, OpGroup{}));
  const bool draws = std::any_of(ops.groups.begin(), ops.groups.end(), draws_words);
  const std::int64_t rows = most_patch_rows(ops);
  for (WorkFormats& work : in_use) {
    work.vector_draws = draws;
    work.patch_rows = rows;
  }
  return in_use;
}

namespace {

void widen(StoredElements& widest, std::int64_t bits, std::int64_t elements) {
  widest.bits = std::max(widest.bits, bits);
  widest.vector_bits = std::max(widest.vector_bits, elements * bits);
}

/// A command that fills every row and column of an array in any dataflow.
ArrayCommand filling_command(const ArraySpec& array, Dataflow dataflow, std::int64_t dot) {
  ArrayCommand command;
  command.dataflow = dataflow;
  command.width = dot;
  command.m = command.n = command.k = std::max(array.rows, array.cols) * dot;
  return command;
}

}  // namespace

BufferContents buffer_contents(const std::vector<WorkFormats>& in_use, const ArraySpec& array) {
  const ArrayGrid& grid = array.grid;
  BufferContents widest{{1, 0, grid.rows}, {1, 0, grid.cols}, {0, 0, grid.arrays()}};
  for (const WorkFormats& work : in_use) {
    const std::int64_t dot = dot_product_width(array, work.a, work.b);
    const std::int64_t sum_bits = partial_sum_bits(sum_of(array, work.a, work.b).accumulator);
    for (const Pass pass : {Pass::kForward, Pass::kBackwardData, Pass::kBackwardWeight}) {
      const Dataflow dataflow = array.dataflow[pass];
      const PortVectors vectors =
          info(dataflow).vectors(array, filling_command(array, dataflow, dot));
      widen(widest.left, work.a.element_bits, vectors.a);
      widen(widest.right, work.b.element_bits, vectors.b);
      widen(widest.sum, sum_bits, vectors.c);
    }
  }
  return widest;
}

}  // namespace mxsim
