#include "models/mapping/program/gemm_program.h"

#include <algorithm>
#include <utility>

#include "models/arithmetic/exact_sums.h"
#include "models/chip/requant_patch.h"
#include "models/mapping/program/encoding_work.h"
#include "models/workload/format_rules.h"

namespace mxsim {
namespace {

std::int64_t product(const GemmWork& work, const GemmTile& tile) {
  return tile.batch * work.groups + tile.group;
}

}  // namespace

GemmProgram::GemmProgram(const BuildContext& context, std::uint32_t group)
    : context_(context),
      index_(group),
      group_(context.ops.groups.at(group)),
      grid_(grid_size(group_)),
      epilogue_(context, group),
      results_(context) {}

void GemmProgram::build(const std::vector<GemmTiling>& tilings) {
  for (std::size_t gemm = 0; gemm < group_.gemms.size(); ++gemm) {
    spill_pitch_ =
        spill_pitch(group_.gemms[gemm], tilings.at(gemm), context_.chip.dram_burst_bytes);
    results_.begin_gemm();
    for_each_tile(
        group_.gemms[gemm], tilings.at(gemm),
        [&](const GemmTile& tile, TilePosition position) { add_tile(gemm, tile, position); });
  }
}

void GemmProgram::finish() {
  if (pending_) add_epilogue(*std::exchange(pending_, std::nullopt));
  epilogue_.store_reductions();
}

GemmProgram::Operand GemmProgram::left_operand(std::size_t gemm, const GemmTile& tile) const {
  const GemmWork& work = group_.gemms[gemm];
  return {work.a,
          operand_buffers(context_.chip, work).left,
          {work.format_a, work.block_a},
          {index_, gemm, product(work, tile), tile.images, tile.h, tile.w, tile.channels, {}, {}},
          left_region(work, tile)};
}

GemmProgram::Operand GemmProgram::right_operand(std::size_t gemm, const GemmTile& tile) const {
  const GemmWork& work = group_.gemms[gemm];
  const bool window = work.kind == GemmKind::kWindow;
  const OperandKey key =
      window ? OperandKey{index_, gemm,     product(work, tile), {}, {}, {}, tile.channels,
                          tile.n, tile.taps}
             : OperandKey{index_, gemm, product(work, tile), tile.images, tile.h, tile.w, {},
                          tile.n, {}};
  return {work.b,
          operand_buffers(context_.chip, work).right,
          {work.format_b, work.block_b},
          key,
          right_region(work, tile)};
}

std::vector<DramRun> GemmProgram::runs_of(const Operand& operand) const {
  return memory_runs(context_.tensor(operand.tensor), context_.plan.source(operand.tensor, index_),
                     operand.region);
}

/// Makes the operand the ring's current slot; an operand stored in another format is quantized in
/// place.
CommandId GemmProgram::fetch(const Operand& operand) {
  SlotRing<OperandKey>& ring = context_.slots.of(operand.buffer);
  if (ring.holds(operand.key)) return ring.current().ready.front();
  TransferWork transfer = context_.transfer(operand.tensor, runs_of(operand));
  const Bytes bytes = payload(transfer.runs);
  CommandId ready = context_.stream.add({Unit::kDmaRead,
                                         ring.advance(operand.key),
                                         std::move(transfer),
                                         {{operand.buffer, Bytes(0), bytes}}});
  const std::int64_t elements = operand.region.elements();
  const Bytes encoded(ceil_div(elements * operand.layout.format.element_bits, 8));
  context_.slots.occupancy.fill(
      operand.buffer, only(context_.plan.memory_class(operand.tensor), std::max(bytes, encoded)));
  const DataLayout& stored = context_.tensor(operand.tensor).layout;
  if (stored != operand.layout) {
    const bool decodes = is_block_scaled(stored.format);
    ready = context_.stream.add(
        {Unit::kRequant,
         {ready},
         encoding_work(elements, operand.layout.format, decodes, patch_rows(operand.layout.block)),
         {{operand.buffer, bytes, encoded}}});
  }
  ring.current().ready = {ready};
  return ready;
}

/// At the start of a group the operand that was stored longer ago is fetched first: the other one
/// may have to wait for the group before.
std::vector<CommandId> GemmProgram::fetch_operands(std::size_t gemm, const GemmTile& tile) {
  const Operand left = left_operand(gemm, tile);
  const Operand right = right_operand(gemm, tile);
  if (begun_) return {fetch(left), fetch(right)};
  begun_ = true;
  const CommandStream& stream = context_.stream;
  const bool right_first = stream.newest_store(runs_of(right)) < stream.newest_store(runs_of(left));
  std::vector<CommandId> ready;
  if (right_first) ready.push_back(fetch(right));
  ready.push_back(fetch(left));
  if (!right_first) ready.push_back(fetch(right));
  return ready;
}

ResultTiles::Tile GemmProgram::result_tile(std::size_t gemm, const GemmTile& tile,
                                           std::int64_t number) const {
  const GemmExtents size = extents(group_.gemms[gemm], tile);
  return {number, partial_sum_bytes(size), context_.plan.scratch() + number * spill_pitch_};
}

void GemmProgram::add_tile(std::size_t gemm, const GemmTile& tile, TilePosition position) {
  const GemmWork& work = group_.gemms[gemm];
  std::vector<CommandId> ready =
      results_.open(result_tile(gemm, tile, position.result), position.first_of_reduction);
  if (extents(work, tile).k > 0) {
    std::vector<CommandId> after = fetch_operands(gemm, tile);
    if (!results_.is_on_array(position.result)) {
      after.insert(after.end(), ready.begin(), ready.end());
    }
    const ArrayWork array{static_cast<std::uint32_t>(gemm), tile,
                          position.first_of_reduction ? Accumulate::kOverwrite : Accumulate::kAdd,
                          position.last_of_reduction ? Completion::kFinal : Completion::kPartial,
                          position.result};
    const CommandId id = context_.stream.add({Unit::kArray, std::move(after), array, {}});
    const OperandBuffers buffers = operand_buffers(context_.chip, work);
    context_.slots.of(buffers.left).current().users = {id};
    context_.slots.of(buffers.right).current().users = {id};
    results_.computed(position.result, id);
    ready = {id};
  }
  epilogue_.fetch_broadcasts();
  context_.stream.write_postponed();
  if (pending_) add_epilogue(*std::exchange(pending_, std::nullopt));
  if (position.last_of_reduction) {
    pending_ = PendingTile{gemm, tile, std::move(ready), results_.close(position.result)};
    if (context_.slots.results.count() == 1) add_epilogue(*std::exchange(pending_, std::nullopt));
  }
}

void GemmProgram::add_epilogue(const PendingTile& pending) {
  const GemmWork& work = group_.gemms[pending.gemm];
  const TensorRegion region = result_region(work, grid_, pending.tile);
  const auto runs = [&](TensorId id, std::int64_t base) {
    return memory_runs(context_.tensor(id), base, region);
  };
  const bool zero = work.taps() == 0;
  const SumFormat sum = sum_of(context_.chip.array, work.format_a, work.format_b);
  const std::int64_t sum_bytes = partial_sum_bits(sum.accumulator) / 8;
  ResultPiece piece{region.elements(), zero ? ResultSource::kZero : ResultSource::kComputed,
                    pending.computed, Bytes(0), Bytes(zero ? 0 : region.elements() * sum_bytes)};
  BytesByClass held = only(MemoryClass::kWorkspace, piece.read_accumulator);
  for (const TensorId id : group_.streamed_reads) {
    TransferWork transfer = context_.transfer(id, runs(id, context_.plan.source(id, index_)));
    const Bytes bytes = payload(transfer.runs);
    piece.ready.push_back(context_.stream.add({Unit::kDmaRead,
                                               pending.computed,
                                               std::move(transfer),
                                               {{Unit::kSramAccumulator, Bytes(0), bytes}}}));
    piece.read_accumulator += bytes;
    held += only(context_.plan.memory_class(id), bytes);
  }
  context_.slots.occupancy.fill(Unit::kSramAccumulator, held);
  context_.slots.results.use(pending.slot, epilogue_.finish(piece, runs));
}

}  // namespace mxsim
