#include "sim/chip/chip.h"

#include "sim/array/array_pe.h"
#include "sim/array/array_tile.h"

namespace mxsim {

Chip::Chip(const sc_core::sc_module_name& name, const ChipBlueprint& blueprint, const RunPlan& plan,
           OperandData* data, Timeline* timeline,
           std::function<void(std::size_t, const GroupResult&)> finished, BuildOrder order)
    : sc_module(name),
      plan_(plan),
      clock_(blueprint.clock_hz),
      scoreboard_(clock_),
      timeline_(timeline),
      input_("input", plan.chip().input, counts_[Unit::kSramInput]),
      weight_("weight", plan.chip().weight, counts_[Unit::kSramWeight]),
      accumulator_("accumulator", plan.chip().accumulator, counts_[Unit::kSramAccumulator]),
      buffers_{input_, weight_, accumulator_},
      around_{clock_, scoreboard_, counts_, timeline} {
  if (order == BuildOrder::kForward) {
    build_memory(blueprint);
    build_compute(blueprint, data);
    build_dma(blueprint);
  } else {
    build_memory(blueprint);
    build_dma(blueprint);
    build_compute(blueprint, data);
  }
  const auto program = [this](std::size_t index) {
    const OpGroup& group = plan_.ops().groups[index];
    array_driver_->set_group(group);
    if (timeline_ != nullptr) {
      timeline_->set_label(group.layer + " " + std::string(to_string(group.pass)));
    }
    return plan_.program(index);
  };
  sequencer_ = std::make_unique<Sequencer>(
      "sequencer", clock_, scoreboard_,
      std::vector<CommandUnit*>{dma_read_.get(), dma_write_.get(), array_driver_.get(),
                                vector_.get(), requant_.get()},
      [this] { return read_counts(); },
      Sequencer::Groups{plan.groups(), program, std::move(finished)});
}

Chip::~Chip() = default;

void Chip::build_memory(const ChipBlueprint& blueprint) {
  dram_ = std::make_unique<DramController>("dram", blueprint.dram);
}

void Chip::build_compute(const ChipBlueprint& blueprint, OperandData* data) {
  const MapperChip& chip = plan_.chip();
  if (blueprint.fidelity == Fidelity::kPe) {
    array_ = std::make_unique<ArrayPe>("array", chip.array, clock_);
  } else {
    array_ = std::make_unique<ArrayTile>("array", chip.array, clock_);
  }
  array_driver_ =
      std::make_unique<ArrayDriver>("array_driver", chip, *array_, around_, buffers_, data);
  vector_ = std::make_unique<VectorUnit>("vector", chip.vector, around_, buffers_);
  requant_ = std::make_unique<RequantUnit>("requant", blueprint.requant, around_, buffers_);
}

void Chip::build_dma(const ChipBlueprint& blueprint) {
  dma_read_ = std::make_unique<DmaEngine>("dma_read", DramAccess::kRead, blueprint.dma, around_,
                                          buffers_, *dram_);
  dma_write_ = std::make_unique<DmaEngine>("dma_write", DramAccess::kWrite, blueprint.dma, around_,
                                           buffers_, *dram_);
}

UnitCounts Chip::read_counts() {
  UnitCounts counts = counts_;
  counts[Unit::kDram] = dram_->counts();
  return counts;
}

}  // namespace mxsim
