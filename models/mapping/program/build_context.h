#pragma once

#include <utility>
#include <vector>

#include "models/mapping/chip/mapper_chip.h"
#include "models/mapping/memory/buffer_occupancy.h"
#include "models/mapping/memory/memory_plan.h"
#include "models/mapping/program/command_stream.h"
#include "models/mapping/program/slot_ring.h"

namespace mxsim {

/// Which part of which GEMM's operand a slot holds.
struct OperandKey {
  std::uint32_t op_group = 0;  ///< index into OpList::groups
  std::size_t gemm = 0;
  std::int64_t product = 0;
  Range images, h, w, channels, n, taps;
  bool operator==(const OperandKey&) const = default;
};

/// Equal places that are used in turn; for each, what must finish before it may be used again.
class TurnTaking {
 public:
  explicit TurnTaking(std::size_t places) : users_(places) {}

  std::size_t count() const { return users_.size(); }
  std::size_t next() const { return next_; }
  const std::vector<CommandId>& users(std::size_t place) const { return users_.at(place); }
  void use(std::size_t place, std::vector<CommandId> last) { users_.at(place) = std::move(last); }
  void advance() { next_ = (next_ + 1) % users_.size(); }

 private:
  std::vector<std::vector<CommandId>> users_;
  std::size_t next_ = 0;
};

/// The chip's slots as one group leaves them to the next.
struct ChipSlots {
  explicit ChipSlots(const MapperChip& chip)
      : input(chip.input.slots()),
        weight(chip.weight.slots()),
        gradient(chip.gradient ? chip.gradient->slots() : 1),
        results(static_cast<std::size_t>(chip.accumulator.slots())),
        streams(static_cast<std::size_t>(chip.stream ? chip.stream->slots() : 1)),
        occupancy(chip) {}

  SlotRing<OperandKey>& of(Unit buffer) {
    if (buffer == Unit::kSramGradient) return gradient;
    return buffer == Unit::kSramWeight ? weight : input;
  }

  TurnTaking& results_in(Unit buffer) { return buffer == Unit::kSramStream ? streams : results; }

  SlotRing<OperandKey> input;
  SlotRing<OperandKey> weight;
  SlotRing<OperandKey> gradient;  ///< used when the chip has such a buffer
  TurnTaking results;             ///< slots of the accumulator buffer
  TurnTaking streams;             ///< of the stream buffer, used when the chip has one
  /// The vector unit's registers for broadcast tensors: one set in use, one being filled.
  TurnTaking broadcasts{2};
  BufferOccupancy occupancy;
};

/// What the builders of a run's groups share. All outlive them.
struct BuildContext {
  const OpList& ops;
  const MemoryPlan& plan;
  const MapperChip& chip;
  CommandStream& stream;
  ChipSlots& slots;

  const StoredTensor& tensor(TensorId id) const {
    return ops.tensors.at(static_cast<std::size_t>(id));
  }
  /// A transfer of a part of the tensor.
  TransferWork transfer(TensorId id, std::vector<DramRun> runs) const {
    return {std::move(runs), chip.compression.of(tensor(id).role)};
  }
};

}  // namespace mxsim
