#include "models/mapping/prediction/command_time.h"

#include <algorithm>
#include <tuple>

#include "models/chip/requant_patch.h"
#include "models/dataflow/closed_form.h"
#include "models/dataflow/command_chain.h"
#include "models/mapping/chip/vector_cost.h"
#include "models/mapping/program/tile_chain.h"

namespace mxsim {
namespace {

/// Kinds of tiles on the array that are remembered.
constexpr std::size_t kMostKnown = 4096;

// Each takes its type apart as a whole: an added member is a compile error here.

auto parts(const ReductionBlocks& blocks) {
  const auto& [a_length, b_length, offset, b_shift, pieces, rows_per_tap, first_row] = blocks;
  return std::tie(a_length, b_length, offset, b_shift, pieces, rows_per_tap, first_row);
}

auto parts(const ArrayPorts& ports) {
  const auto& [a_element, b_element, a_word, b_word, c_word, c_element] = ports;
  return std::tie(a_element, b_element, a_word, b_word, c_word, c_element);
}

auto parts(const LoadPace& load) {
  const auto& [work, per_step] = load;
  return std::tie(work, per_step);
}

auto parts(const SumFormat& sum) {
  const auto& [accumulator, bits, chunk] = sum;
  return std::tie(accumulator, bits, chunk);
}

auto parts(const ArrayCommand& command) {
  const auto& [dataflow, m, n, k, accumulate, width, interval, load, blocks, ports, sum, zeros] =
      command;
  const auto own_sum = sum ? std::optional(parts(*sum)) : std::nullopt;
  return std::tuple(dataflow, m, n, k, accumulate, width, interval, parts(load), parts(blocks),
                    parts(ports), own_sum, zeros);
}

}  // namespace

bool CommandTime::ArrayKey::operator<(const ArrayKey& other) const {
  return std::tuple(group, gemm, parts(array)) <
         std::tuple(other.group, other.gemm, parts(other.array));
}

Cycles CommandTime::through_ports(const Command& command) const {
  Cycles longest{0};
  for (const BufferAccess& access : command.buffers) {
    const SramGeometry& buffer = chip_.buffer(access.buffer);
    longest = std::max(longest, buffer.transfer_cycles(access.read, access.written));
  }
  return longest;
}

std::shared_ptr<const ArrayTile> CommandTime::array_tile(const Command& command) {
  const auto& work = std::get<ArrayWork>(command.work);
  const ArrayCommand array = array_command(chip_, ops_, command);
  const ArrayKey key{command.group, work.gemm, array};
  const auto found = tiles_.find(key);
  if (found != tiles_.end()) return found->second;
  if (tiles_.size() == kMostKnown) {
    tiles_.clear();
    chained_.clear();
  }
  const ArrayCost cost = closed_form(chip_.array, array);
  const GemmWork& gemm = ops_.groups[command.group].gemms[work.gemm];
  const auto tile = std::make_shared<const ArrayTile>(
      ArrayTile{{command.unit, {}, command.work, {}, command.group},
                array,
                {cost.cycles, Cycles(0), port_words(chip_, array.dataflow, gemm, cost.traffic)}});
  tiles_.emplace(key, tile);
  return tile;
}

std::optional<Cycles> CommandTime::chained_start(const std::shared_ptr<const ArrayTile>& tile,
                                                 const std::shared_ptr<const ArrayTile>& next) {
  const auto [entry, is_new] = chained_.try_emplace({tile, next}, std::nullopt);
  if (is_new && chain(tile->example, next->example)) {
    entry->second = mxsim::chained_start(chip_.array, tile->array, next->array);
  }
  return entry->second;
}

/// Vector and re-quantization units: the slower of lanes and ports, then the pipeline drains.
CommandNeeds CommandTime::compute(const Command& command) const {
  std::int64_t lanes = 0;
  std::int64_t drain = 0;
  if (const auto* requant = std::get_if<RequantWork>(&command.work)) {
    lanes = ceil_div(requant->elements, requant_.lanes) * requant->encodings;
    drain = requant_.pipeline_latency_cycles +
            patch_fill(requant->patch_rows, requant->elements, requant_.lanes).count();
  } else {
    const auto& vector = std::get<VectorWork>(command.work);
    const std::vector<VectorOps>& ops = ops_.groups[command.group].vector_ops;
    lanes = vector_cycles({chip_.vector, chip_.post_processor}, ops, vector.elements, vector.rows)
                .count();
    drain = chip_.vector.pipeline_latency_cycles;
  }
  return {std::max(Cycles(lanes), through_ports(command)), Cycles(drain),
          port_words(chip_, command.buffers)};
}

CommandNeeds CommandTime::of(const Command& command) const {
  const auto* transfer = std::get_if<TransferWork>(&command.work);
  if (transfer == nullptr) return compute(command);
  const Cycles path(ceil_div(payload(transfer->runs).count(), dma_.bytes_per_cycle));
  return {std::max(path, through_ports(command)), Cycles(0), port_words(chip_, command.buffers)};
}

}  // namespace mxsim
