#include "sim/chip/chip.h"

#include "models/core/reuse.h"
#include "sim/array/array_pe.h"
#include "sim/array/array_tile.h"

namespace mxsim {
namespace {

std::vector<std::string> group_labels(const OpList& ops) {
  std::vector<std::string> labels;
  for (const OpGroup& group : ops.groups) {
    labels.push_back(group.layer + " " + std::string(to_string(group.pass)));
  }
  return labels;
}

}  // namespace

Chip::Chip(const sc_core::sc_module_name& name, const ChipBlueprint& blueprint, const RunPlan& plan,
           OperandData* data, Timeline* timeline,
           std::function<void(std::uint32_t, const GroupResult&)> finished, const BuildOrder& order,
           const StallSource* stalls)
    : sc_module(name),
      plan_(plan),
      source_(plan),
      clock_(blueprint.clock_hz),
      scoreboard_(clock_, plan.ops(), stalls),
      buffers_(plan.chip(), ledger_.open()),
      context_{clock_, plan.ops(), scoreboard_, ledger_, units_, timeline, stalls} {
  build_memory(blueprint);
  for (const ChipPart part : order) build(part, blueprint, data);
  if (timeline != nullptr) timeline->set_labels(group_labels(plan.ops()));
  sequencer_ = std::make_unique<Sequencer>(
      "sequencer", clock_, scoreboard_,
      std::vector<CommandUnit*>{dma_read_.get(), dma_write_.get(), array_driver_.get(),
                                vector_.get(), requant_.get()},
      Sequencer::Groups{source_, [this](std::uint32_t group) { return take_counts(group); },
                        std::move(finished)},
      plan.chip().around ? plan.chip().around->sequencer : SequencerSpec{});
}

Chip::~Chip() = default;

void Chip::build_memory(const ChipBlueprint& blueprint) {
  memory_ = blueprint.memory;
  if (memory_ == nullptr) {
    dram_ =
        std::make_unique<DramController>("dram", blueprint.dram, blueprint.dram_scheduler,
                                         reuses_work() ? DramStepping::kRun : DramStepping::kBurst);
    memory_ = dram_.get();
  }
  if (context_.stalls == nullptr) return;
  stalled_dram_ = std::make_unique<StalledPort>("stalled_dram", *memory_, clock_, *context_.stalls);
}

void Chip::build(ChipPart part, const ChipBlueprint& blueprint, OperandData* data) {
  const MapperChip& chip = plan_.chip();
  switch (part) {
    case ChipPart::kArray:
      return build_array(blueprint, data);
    case ChipPart::kVector:
      vector_ = std::make_unique<VectorUnit>("vector", chip.vector, context_, chip, buffers_);
      return;
    case ChipPart::kRequant:
      requant_ =
          std::make_unique<RequantUnit>("requant", blueprint.requant, context_, chip, buffers_);
      return;
    case ChipPart::kDmaRead:
      dma_read_ = dma_engine("dma_read", DramAccess::kRead, blueprint.dma);
      return;
    case ChipPart::kDmaWrite:
      dma_write_ = dma_engine("dma_write", DramAccess::kWrite, blueprint.dma);
      return;
  }
}

void Chip::build_array(const ChipBlueprint& blueprint, OperandData* data) {
  const MapperChip& chip = plan_.chip();
  if (blueprint.fidelity == Fidelity::kPe) {
    array_ = std::make_unique<ArrayPe>("array", chip.array, clock_);
  } else {
    array_ = std::make_unique<ArrayTile>("array", chip.array, clock_);
  }
  if (context_.stalls != nullptr) array_->stall_steps(*context_.stalls);
  array_driver_ =
      std::make_unique<ArrayDriver>("array_driver", chip, *array_, context_, buffers_, data);
}

std::unique_ptr<DmaEngine> Chip::dma_engine(const char* name, DramAccess access,
                                            const DmaSpec& spec) {
  DramPort& port = stalled_dram_ ? static_cast<DramPort&>(*stalled_dram_) : *memory_;
  const DmaEngine::Memory memory{port, plan_.chip()};
  return std::make_unique<DmaEngine>(name, access, spec, context_, buffers_, memory);
}

std::string Chip::unfinished_text() const {
  std::string text;
  for (const CommandUnit* unit : units_) {
    const std::string each = unit == nullptr ? "" : unit->unfinished_text();
    if (!each.empty()) text += (text.empty() ? "" : "; ") + each;
  }
  return text;
}

UnitCounts Chip::take_counts(std::uint32_t group) {
  UnitCounts counts = ledger_.take(group);
  counts[Unit::kDram] += memory_->take_account(group);
  const EventCounts overhead = memory_->overhead();
  counts[Unit::kDram] += overhead.since(dram_overhead_);
  dram_overhead_ = overhead;
  return counts;
}

}  // namespace mxsim
