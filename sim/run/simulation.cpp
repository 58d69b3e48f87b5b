#include "sim/run/simulation.h"

#include <algorithm>
#include <exception>
#include <memory>
#include <optional>

#include "models/core/error.h"
#include "models/mapping/plan_run.h"
#include "sim/array/array_pe.h"
#include "sim/kernel/simulation_context.h"
#include "sim/run/placement.h"
#include "sim/run/waveform.h"

namespace mxsim {

namespace {

RunPlan plan_of(const SimulationRequest& request, const MapperChip& chip) {
  const Bytes capacity(request.dram.organisation.capacity_bytes());
  if (request.mapping == nullptr) return plan_run(request.ops, chip, capacity, request.policy);
  return {request.ops,
          chip,
          capacity,
          *request.mapping,
          plan_residency(request.ops, request.policy.kept_bytes()),
          request.policy};
}

void add_group(SimulationResult& result, const GroupResult& group) {
  result.cycles += group.cycles;
  result.counts += group.counts;
  for (std::size_t unit = 0; unit < kUnitCount; ++unit) {
    result.activity[unit] += group.activity[unit];
  }
  result.groups.push_back(group);
}

}  // namespace

MemoryUse memory_of(const RunPlan& plan, Bytes dram_capacity) {
  const MemoryPlan& memory = plan.memory();
  return {dram_capacity,
          memory.used(),
          memory.peak_live(),
          memory.sum(),
          memory.dram_classes(),
          memory.scratch_bytes(),
          {},
          {plan.policy().kept_bytes(), memory.on_chip_peak(), memory.on_chip_classes()},
          memory.residents().size()};
}

SimulationResult simulate(const SimulationRequest& request) {
  if (request.vcd != nullptr) check_traceable(request.fidelity, request.chip.array);
  const MapperChip chip =
      mapper_chip(request.chip, request.dram, request.ops, request.policy.kept_bytes());
  const RunPlan plan = plan_of(request, chip);
  std::optional<OperandData> data;
  if (request.bits == ResultBits::kComputed || request.fidelity == Fidelity::kPe) {
    data.emplace(request.ops, request.seed);
    for (const auto& [value, values] : request.operands) data->give(value, values);
  }
  SimulationResult result;
  result.predicted = predict_run(plan, *chip.around);
  result.predicted.commands.clear();
  std::exception_ptr stopped_by;
  const auto finished = [&](std::uint32_t, const GroupResult& group) {
    add_group(result, group);
    if (!request.progress) return;
    try {
      request.progress(result.groups.size(), plan.groups());
    } catch (...) {  // no exception may leave a SystemC thread
      stopped_by = std::current_exception();
      sc_core::sc_stop();
    }
  };
  const SimulationContext context;
  const std::unique_ptr<DramModel> other_memory = request.memory ? request.memory() : nullptr;
  const ChipBlueprint blueprint{request.chip.clock_hz, request.fidelity,
                                request.chip.dma,      request.chip.requant,
                                request.dram,          request.chip.dram.scheduler,
                                other_memory.get()};
  const auto model =
      std::make_unique<Chip>("chip", blueprint, plan, data ? &*data : nullptr, request.timeline,
                             finished, request.build_order, request.stalls);
  std::optional<Waveform> waveform;
  if (request.vcd != nullptr) model->trace(waveform.emplace(*request.vcd).file());
  run_to_end();
  if (stopped_by) std::rethrow_exception(stopped_by);
  if (!model->finished()) {
    throw InternalError("the simulation stopped before the program's end: " +
                        model->unfinished_text());
  }
  if (waveform) waveform->finish();
  result.output_hashes = model->output_hashes();
  result.dram = model->dram_stats();
  result.residents = plan.residents();
  for (std::size_t group = 0; group < plan.groups(); ++group) {
    result.mappings.push_back(plan.mappings(group));
  }
  result.memory = memory_of(plan, Bytes(request.dram.organisation.capacity_bytes()));
  result.memory.buffers = model->occupancy().peaks();
  return result;
}

}  // namespace mxsim
