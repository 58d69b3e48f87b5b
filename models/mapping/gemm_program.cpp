#include "models/mapping/gemm_program.h"

#include <utility>

namespace mxsim {
namespace {

std::int64_t product(const GemmWork& work, const GemmTile& tile) {
  return tile.batch * work.groups + tile.group;
}

}  // namespace

GemmProgram::GemmProgram(const OpList& ops, const OpGroup& group, const MemoryPlan& plan,
                         BufferSlots slots)
    : ops_(ops),
      group_(group),
      plan_(plan),
      grid_(grid_size(group)),
      epilogue_(ops, group, plan, program_),
      input_(slots.input),
      weight_(slots.weight),
      result_users_(static_cast<std::size_t>(slots.accumulator)) {}

Program GemmProgram::build(const std::vector<GemmTiling>& tilings) {
  program_.vector_ops = group_.vector_ops;
  epilogue_.fetch_broadcasts();
  for (std::size_t gemm = 0; gemm < group_.gemms.size(); ++gemm) {
    for_each_tile(
        group_.gemms[gemm], tilings.at(gemm),
        [&](const GemmTile& tile, TilePosition position) { add_tile(gemm, tile, position); });
  }
  if (pending_) add_epilogue(*std::exchange(pending_, std::nullopt));
  epilogue_.store_reductions();
  return std::move(program_);
}

GemmProgram::Operand GemmProgram::left_operand(std::size_t gemm, const GemmTile& tile) const {
  const GemmWork& work = group_.gemms[gemm];
  return {work.a,
          Unit::kSramInput,
          work.format_a,
          {gemm, product(work, tile), tile.images, tile.h, tile.w, tile.channels, {}},
          left_region(work, tile)};
}

GemmProgram::Operand GemmProgram::right_operand(std::size_t gemm, const GemmTile& tile) const {
  const GemmWork& work = group_.gemms[gemm];
  const bool window = work.kind == GemmKind::kWindow;
  const OperandKey key =
      window ? OperandKey{gemm, product(work, tile), {}, {}, {}, tile.channels, tile.n}
             : OperandKey{gemm, product(work, tile), tile.images, tile.h, tile.w, {}, tile.n};
  return {work.b, Unit::kSramWeight, work.format_b, key, right_region(work, tile)};
}

/// Makes the operand the ring's current slot; an operand stored in another format is quantized in
/// place.
CommandId GemmProgram::fetch(SlotRing<OperandKey>& ring, const Operand& operand) {
  if (ring.holds(operand.key)) return ring.current().ready.front();
  const StoredTensor& tensor = epilogue_.tensor(operand.tensor);
  TransferWork transfer{memory_runs(tensor, plan_.base(operand.tensor), operand.region)};
  const Bytes bytes = payload(transfer.runs);
  CommandId ready = program_.add({Unit::kDmaRead,
                                  ring.advance(operand.key),
                                  std::move(transfer),
                                  {{operand.buffer, Bytes(0), bytes}}});
  if (tensor.layout.format != operand.format) {
    const std::int64_t elements = operand.region.elements();
    const Bytes encoded(ceil_div(elements * operand.format.element_bits, 8));
    ready = program_.add(
        {Unit::kRequant, {ready}, RequantWork{elements, 1}, {{operand.buffer, bytes, encoded}}});
  }
  ring.current().ready = {ready};
  return ready;
}

void GemmProgram::add_tile(std::size_t gemm, const GemmTile& tile, TilePosition position) {
  const GemmWork& work = group_.gemms[gemm];
  if (position.first_of_reduction) computed_ = result_users_[result_slot_];
  const GemmExtents size = extents(work, tile);
  if (size.k > 0) {
    std::vector<CommandId> after = {fetch(input_, left_operand(gemm, tile)),
                                    fetch(weight_, right_operand(gemm, tile))};
    after.insert(after.end(), computed_.begin(), computed_.end());
    const ArrayWork array{static_cast<std::uint32_t>(gemm), tile,
                          position.first_of_reduction ? Accumulate::kOverwrite : Accumulate::kAdd,
                          position.last_of_reduction ? Completion::kFinal : Completion::kPartial};
    const CommandId id = program_.add({Unit::kArray, std::move(after), array, {}});
    input_.current().users = {id};
    weight_.current().users = {id};
    computed_ = {id};
  }
  if (pending_) add_epilogue(*std::exchange(pending_, std::nullopt));
  if (position.last_of_reduction) {
    pending_ = PendingTile{gemm, tile, computed_, result_slot_};
    result_slot_ = (result_slot_ + 1) % result_users_.size();
    if (result_users_.size() == 1) add_epilogue(*std::exchange(pending_, std::nullopt));
  }
}

void GemmProgram::add_epilogue(const PendingTile& pending) {
  const GemmWork& work = group_.gemms[pending.gemm];
  const TensorRegion region = result_region(work, grid_, pending.tile);
  const auto runs = [&](TensorId id) {
    return memory_runs(epilogue_.tensor(id), plan_.base(id), region);
  };
  const bool zero = work.taps() == 0;
  ResultPiece piece{region.elements(), zero ? ResultSource::kZero : ResultSource::kComputed,
                    pending.computed, Bytes(0), Bytes(zero ? 0 : region.elements() * 4)};
  for (const TensorId id : group_.streamed_reads) {
    TransferWork transfer{runs(id)};
    const Bytes bytes = payload(transfer.runs);
    piece.ready.push_back(program_.add({Unit::kDmaRead,
                                        pending.computed,
                                        std::move(transfer),
                                        {{Unit::kSramAccumulator, Bytes(0), bytes}}}));
    piece.read_accumulator += bytes;
  }
  result_users_[pending.slot] = epilogue_.finish(piece, runs);
}

}  // namespace mxsim
