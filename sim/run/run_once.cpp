#include "sim/run/run_once.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/core/rng.h"
#include "models/energy/mapping_prices.h"
#include "models/mapping/dram_layout.h"
#include "models/mapping/program/run_plan.h"
#include "models/mapping/search/packing_choice.h"
#include "models/workload/lower.h"
#include "sim/config/choices.h"
#include "sim/config/document.h"
#include "sim/config/field_lister.h"
#include "sim/run/blocks_in_use.h"
#include "sim/run/operand_files.h"
#include "sim/run/placement.h"
#include "sim/run/request_run.h"
#include "sim/run/skip_report.h"

namespace mxsim {
namespace {

/// Tokens of one sample of a trace with the dimension kSequence; 0 without it.
std::int64_t tokens_of(const RunConfig& config) {
  const auto own = config.workload.dimensions.find(kSequence);
  if (own == config.workload.dimensions.end()) return 0;
  const Dimensions sizes = run_dimensions(config);
  const auto stated = sizes.find(kSequence);
  return stated == sizes.end() ? own->second : stated->second;
}

RunIdentity identity_of(const RunConfig& config) {
  const FormatPolicy& formats = config.formats;
  RunIdentity identity;
  identity.workload = config.workload.name;
  identity.mode = choice_name(config.mode, kModeNames);
  identity.batch = config.batch;
  const std::int64_t tokens = tokens_of(config);
  if (tokens > 0) identity.item = "token";
  identity.items = config.batch * std::max<std::int64_t>(1, tokens);
  identity.gradient_accumulation_steps = config.gradient_accumulation_steps;
  identity.format = formats.format.name;
  identity.recipe = formats.recipe;
  identity.overrides = formats.overrides.size();
  identity.storage = choice_name(formats.storage, kStoragePolicyNames);
  identity.fidelity = choice_name(config.fidelity, kFidelityNames);
  identity.array_grid = config.chip.array.grid;
  identity.array_rows = config.chip.array.rows;
  identity.array_cols = config.chip.array.cols;
  identity.seed = config.seed;
  identity.config_hash = config_hash(config);
  if (formats.format.scale_bits > 0) {
    const BlockShape block = block_in_use(formats);
    identity.block = fmt::format("{}x{}", block.rows, block.cols);
    identity.transpose = choice_name(transpose_in_use(formats), kTransposePolicyNames);
  }
  return identity;
}

}  // namespace

std::string config_hash(const RunConfig& config) {
  return fmt::format("{:016x}", stable_hash(canonical_text(config)));
}

PlanPolicy priced_policy(const RunConfig& config, const OpList& ops, const DramDevice& dram) {
  PlanPolicy policy = config.mapping;
  const PriceList prices = energy_model(config.chip, ops).prices(formats_in_use(ops).front());
  policy.prices = mapping_prices(prices, static_cast<double>(config.chip.clock_hz),
                                 static_cast<double>(dram.organisation.burst_bytes));
  return policy;
}

OpList lowered_for_chip(const RunConfig& config, const DramDevice& dram) {
  OpList ops = lower(config.workload, lowering_policy(config));
  choose_packings(ops, mapper_chip(config.chip, dram, ops));
  return ops;
}

namespace {

/// What `action` returns; faults of keys of the run are told in terms of the files they stand in.
template <class Action>
auto in_files(const RunConfig& config, Action action) {
  try {
    return action();
  } catch (const InputError& error) {
    std::vector<Diagnostic> faults = error.diagnostics();
    for (Diagnostic& fault : faults) {
      const bool is_key = fault.pointer.empty() || fault.pointer.starts_with('/');
      if (config.source == nullptr || !fault.file.empty() || !is_key) continue;
      fault = config.source->locate(fault.pointer, std::move(fault.message));
    }
    throw InputError(std::move(faults));
  }
}

}  // namespace

PlannedWork planned_work(const RunConfig& config, const DramDevice& dram) {
  return in_files(config, [&] {
    const OpList ops = lowered_for_chip(config, dram);
    const PlanPolicy policy = priced_policy(config, ops, dram);
    const Bytes capacity(dram.organisation.capacity_bytes());
    const NetworkChoice choice =
        choose_network(ops, mapper_chip(config.chip, dram, ops), capacity, policy);
    PlannedWork work{chosen_ops(ops, choice), chosen_policy(policy, choice), choice, {}};
    work.mapping = lay_out(work.ops, mapper_chip(config.chip, dram, work.ops, choice.kept),
                           capacity, work.policy);
    return work;
  });
}

namespace {

Placement request_placement(const RunConfig& config) {
  Placement most = placement_of(request_phase(config, Mode::kPrefill, config.prompt, 0));
  if (config.generate == 1) return most;
  const std::int64_t longest = config.prompt + config.generate - 2;
  Placement last = placement_of(request_phase(config, Mode::kDecode, 1, longest));
  return last.memory.dram_used > most.memory.dram_used ? last : most;
}

}  // namespace

void check_placement(const RunConfig& config) { placement_of(config); }

Placement placement_of(const RunConfig& config) {
  if (config.generate > 0) return request_placement(config);
  const DramDevice dram = dram_device(config.chip.dram);
  const PlannedWork work = planned_work(config, dram);
  return in_files(config, [&] {
    const MapperChip chip = mapper_chip(config.chip, dram, work.ops, work.policy.kept_bytes());
    const Bytes capacity(dram.organisation.capacity_bytes());
    const RunPlan plan(work.ops, chip, capacity, work.mapping,
                       plan_residency(work.ops, work.policy.kept_bytes()), work.policy);
    return Placement{memory_of(plan, capacity), work.choice};
  });
}

SimulationResult simulate_once(const RunConfig& config, const RunExtras& extras) {
  const DramDevice dram = dram_device(config.chip.dram);
  const PlannedWork work = planned_work(config, dram);
  const OpList& ops = work.ops;
  SimulationRequest request{ops, config.chip, dram};
  request.fidelity = config.fidelity;
  request.seed = config.seed;
  request.policy = work.policy;
  request.mapping = &work.mapping;
  request.bits = extras.bits;
  if (!extras.operands.empty()) request.operands = load_operands(extras.operands, ops);
  request.timeline = extras.timeline;
  request.vcd = extras.vcd;
  request.progress = extras.progress;
  SimulationResult result = in_files(config, [&] { return simulate(request); });
  result.choice = work.choice;
  return result;
}

RunReport price_once(const RunConfig& config, SimulationResult result) {
  const OpList ops =
      chosen_ops(lowered_for_chip(config, dram_device(config.chip.dram)), result.choice);
  RunReport report = price_run(identity_of(config), config.chip, config.mapping.overlap_groups, ops,
                               std::move(result), config.seed);
  for (std::string& line : skip_assumptions(
           stated_skips(config.workload), skip_outcomes(config.workload, run_dimensions(config)))) {
    report.assumptions.push_back(std::move(line));
  }
  return report;
}

RunReport run_once(const RunConfig& config, const RunExtras& extras) {
  if (config.generate > 0) {
    return run_request(config, [&](const RunConfig& phase) { return run_once(phase, extras); });
  }
  return price_once(config, simulate_once(config, extras));
}

}  // namespace mxsim
