#include "models/mapping/mapper_chip.h"

#include <algorithm>
#include <numeric>

#include "models/dataflow/closed_form.h"

namespace mxsim {
namespace {

/// Elements along the reduction that share a scale when every tap brings `channels` of them, blocks
/// of `block`: the common divisor where blocks do not fit the channels, so that no exact sum spans
/// two scales.
std::int64_t shared_length(std::int64_t block, std::int64_t channels) {
  return channels <= block ? channels : std::gcd(channels, block);
}

ReductionBlocks reduction_blocks(const GemmWork& work, const GemmTile& tile) {
  if (work.format_a.scale_bits == 0 || work.format_b.scale_bits == 0) return {};
  if (work.kind == GemmKind::kWeightGradient) {
    const std::int64_t width = tile.w.count;
    const std::int64_t run = work.h.out == 1 && work.w.out > 1 ? width : tile.positions();
    // Windows shift the pixel blocks of the left operand against those of the right one.
    const bool shifted = work.taps() > 1 || work.h.stride > 1 || work.w.stride > 1;
    if (shifted) return {1, 1, 0};
    return {shared_length(work.block_a.rows, run), shared_length(work.block_b.rows, run), 0};
  }
  const std::int64_t b_block =
      work.b_orientation == Orientation::kTransposed ? work.block_b.cols : work.block_b.rows;
  return {shared_length(work.block_a.cols, tile.channels.count),
          shared_length(b_block, tile.channels.count), 0};
}

}  // namespace

ArrayCommand array_command(const MapperChip& chip, Pass pass, const GemmWork& work,
                           const GemmTile& tile, Accumulate accumulate) {
  const GemmExtents size = extents(work, tile);
  ArrayCommand command;
  command.dataflow = chip.array.dataflow[pass];
  command.m = size.m;
  command.n = size.n;
  command.k = size.k;
  command.accumulate = accumulate;
  command.blocks = reduction_blocks(work, tile);
  const auto rate = [](const SramGeometry& buffer) {
    return buffer.word_bits() * buffer.banks_per_slot();
  };
  command.ports = {work.format_a.element_bits, work.format_b.element_bits, rate(chip.input),
                   rate(chip.weight), std::max<std::int64_t>(1, rate(chip.accumulator) / 2)};
  command.interval = port_interval(chip.array, command);
  command.ports.a_word_bits = chip.input.word_bits();
  command.ports.b_word_bits = chip.weight.word_bits();
  command.ports.c_word_bits = chip.accumulator.word_bits();
  return command;
}

}  // namespace mxsim
