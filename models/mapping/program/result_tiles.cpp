#include "models/mapping/program/result_tiles.h"

#include <algorithm>
#include <utility>

#include "models/core/error.h"

namespace mxsim {
namespace {

TransferWork solid(std::int64_t address, Bytes bytes) { return {{{address, bytes.count(), 0, 1}}}; }

}  // namespace

void ResultTiles::store(const Open& open) {
  const CommandId id = context_.stream.add({Unit::kDmaWrite,
                                            open.ready,
                                            solid(open.tile.address, open.tile.bytes),
                                            {{Unit::kSramAccumulator, open.tile.bytes, Bytes(0)}}});
  stored_[open.tile.number] = id;
  context_.slots.results.use(open.slot, {id});
}

std::size_t ResultTiles::take_slot() {
  TurnTaking& slots = context_.slots.results;
  const std::size_t slot = slots.next();
  slots.advance();
  const auto old =
      std::find_if(open_.begin(), open_.end(), [&](const Open& each) { return each.slot == slot; });
  if (old != open_.end()) {
    store(*old);
    open_.erase(old);
  }
  return slot;
}

std::vector<CommandId> ResultTiles::open(const Tile& tile, bool begins) {
  const auto known = std::find_if(open_.begin(), open_.end(), [&](const Open& each) {
    return each.tile.number == tile.number;
  });
  if (known != open_.end()) return known->ready;
  const std::size_t slot = take_slot();
  std::vector<CommandId> ready = context_.slots.results.users(slot);
  if (!begins) {
    ready.push_back(stored_.at(tile.number));
    ready = {context_.stream.add({Unit::kDmaRead,
                                  std::move(ready),
                                  solid(tile.address, tile.bytes),
                                  {{Unit::kSramAccumulator, Bytes(0), tile.bytes}}})};
  }
  open_.push_back({tile, slot, ready});
  return ready;
}

void ResultTiles::computed(std::int64_t number, CommandId by) {
  for (Open& each : open_) {
    if (each.tile.number != number) continue;
    each.ready = {by};
    each.on_array = true;
  }
}

bool ResultTiles::is_on_array(std::int64_t number) const {
  return std::any_of(open_.begin(), open_.end(),
                     [&](const Open& each) { return each.tile.number == number && each.on_array; });
}

std::size_t ResultTiles::close(std::int64_t number) {
  const auto tile = std::find_if(open_.begin(), open_.end(),
                                 [&](const Open& each) { return each.tile.number == number; });
  ensure(tile != open_.end(), "a result tile is complete that was not open");
  const std::size_t slot = tile->slot;
  open_.erase(tile);
  return slot;
}

}  // namespace mxsim
