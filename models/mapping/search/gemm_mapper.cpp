#include "models/mapping/search/gemm_mapper.h"

#include <fmt/format.h>

#include "models/mapping/search/mapping_search.h"

namespace mxsim {
namespace {

std::string text(const WindowAxis& axis) {
  return fmt::format("{},{},{},{},{},{},{},{},{},{},{}", axis.in, axis.out, axis.taps, axis.stride,
                     axis.dilation, axis.pad, axis.kernel, axis.tap_start, axis.tap_step,
                     axis.out_step, axis.out_start);
}

std::string text(const StoredTensor& tensor) {
  return fmt::format("{}x{}:{}:{}x{}", tensor.rows, tensor.cols, tensor.layout.format.name,
                     tensor.layout.block.rows, tensor.layout.block.cols);
}

}  // namespace

std::vector<GemmMapping> best_mappings(const OpGroup& group, const GemmWork& work,
                                       const std::vector<StoredTensor>& tensors,
                                       const MapperChip& chip, std::size_t count,
                                       const KeptTensors& kept) {
  return MappingSearch(group, work, tensors, chip, count, kept).best();
}

GemmMapping map_gemm(const OpGroup& group, const GemmWork& work,
                     const std::vector<StoredTensor>& tensors, const MapperChip& chip,
                     const KeptTensors& kept) {
  return best_mappings(group, work, tensors, chip, 1, kept).front();
}

std::string search_key(const OpGroup& group, const GemmWork& work,
                       const std::vector<StoredTensor>& tensors, const KeptTensors& kept) {
  const auto tensor = [&](TensorId id) {
    return text(tensors.at(static_cast<std::size_t>(id))) + (kept.reads(id) ? "@chip" : "");
  };
  const GridSize grid = grid_size(group);
  std::string key = fmt::format(
      "{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}{}{}|{}x{}", static_cast<int>(group.pass),
      static_cast<int>(work.kind), work.images, text(work.h), text(work.w), work.channels, work.n,
      work.groups, tensor(work.a), tensor(work.b), static_cast<int>(work.b_orientation),
      work.format_a.name, work.format_b.name,
      fmt::format("{}x{}x{}", work.batch, work.packed, work.products()),
      static_cast<int>(work.a_groups), static_cast<int>(work.b_groups),
      static_cast<int>(work.result_groups), grid.height, grid.width);
  for (const VectorOps& each : group.vector_ops) {
    key += fmt::format("|{}:{}", static_cast<int>(each.op), each.per_element);
  }
  for (const TensorId id : group.streamed_reads) key += "|" + tensor(id);
  for (const TensorWrite& write : group.writes) {
    const bool stays = kept.stays(write.tensor);
    key += "|>" + tensor(write.tensor) +
           (stays                                ? ">chip"
            : kept.copied.contains(write.tensor) ? ">both"
                                                 : "");
  }
  return key;
}

}  // namespace mxsim
