// No program moves less than the lower bound: shipped traces x modes x formats.
#include "models/mapping/memory/traffic_bound.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "models/formats/format_table.h"
#include "models/mapping/plan_run.h"
#include "models/workload/layer_kind.h"
#include "models/workload/lower.h"
#include "sim/config/load.h"
#include "sim/config/run_config.h"
#include "sim/run/simulation.h"

namespace mxsim {
namespace {

constexpr const char* kFormats[] = {"mxsf", "mxfp8_e4m3", "bf16", "mxint8"};

std::vector<std::string> all_traces() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(MXSIM_ROOT "/traces")) {
    if (entry.path().extension() == ".json") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

struct Case {
  std::string trace;
  std::string mode;
  std::string format;
  Bytes kept{0};
};

RunConfig run_of(const Case& each) {
  return load_config<RunConfig>(MXSIM_ROOT "/configs/runs/resnet18_train.json",
                                {{"/workload", MXSIM_ROOT "/traces/" + each.trace + ".json"},
                                 {"/mode", each.mode},
                                 {"/batch", "1"},
                                 {"/formats/default", each.format}});
}

/// Larger networks do not fit the reference chip's memory.
constexpr std::int64_t kMostParameters = 200'000'000;

std::vector<Case> all_cases() {
  std::vector<Case> cases;
  for (const std::string& trace : all_traces()) {
    const Graph network = run_of({trace, "infer", "bf16"}).workload;
    if (network.parameters.value_or(0) > kMostParameters) continue;
    const bool trains =
        std::any_of(network.layers.begin(), network.layers.end(), [](const auto& l) {
          const LayerKind* kind = find_layer_kind(l.op);
          return kind != nullptr && kind->role() == LayerRole::kLoss;
        });
    for (const char* mode : {"infer", "train"}) {
      if (!trains && std::string(mode) == "train") continue;
      for (const char* format : kFormats) cases.push_back({trace, mode, format});
    }
    if (trains) cases.push_back({trace, "train", "mxsf", Bytes(1 << 17)});
  }
  return cases;
}

/// Whole bursts that the transfers of each group move.
std::vector<Bytes> moved_by_group(const RunPlan& plan, std::int64_t burst) {
  std::vector<Bytes> moved(plan.groups());
  for (ProgramSource source(plan); !source.done();) {
    for (const Command& command : source.next(0).commands) {
      const auto* transfer = std::get_if<TransferWork>(&command.work);
      if (transfer == nullptr || transfer->stays_on_chip()) continue;
      moved[command.group] += moved_bytes(transfer->runs, burst);
    }
  }
  return moved;
}

class EveryTrace : public ::testing::TestWithParam<Case> {};

TEST_P(EveryTrace, MovesNoLessThanTheLowerBoundInAnyGroup) {
  const RunConfig run = run_of(GetParam());
  const OpList ops = lower(run.workload, lowering_policy(run));
  const DramDevice dram = dram_device(run.chip.dram);
  const PlanPolicy policy{GroupOverlap::kOn, GetParam().kept};
  const MapperChip chip = mapper_chip(run.chip, dram, ops, policy.kept_bytes());
  const RunPlan plan = plan_run(ops, chip, Bytes(dram.organisation.capacity_bytes()), policy);
  const std::vector<KeptTensors> kept = kept_tensors(ops, plan.residents());
  const Bytes on_chip = capacity(run.chip.buffers);
  const std::vector<Bytes> moved = moved_by_group(plan, chip.dram_burst_bytes);
  for (std::size_t i = 0; i < ops.groups.size(); ++i) {
    ASSERT_GE(moved[i], traffic_bound(ops, ops.groups[i], on_chip, kept[i]).total())
        << ops.groups[i].layer << " " << to_string(ops.groups[i].pass);
  }
}

INSTANTIATE_TEST_SUITE_P(Traces, EveryTrace, ::testing::ValuesIn(all_cases()),
                         [](const auto& each) {
                           return each.param.trace + "_" + each.param.mode + "_" +
                                  each.param.format + (each.param.kept > Bytes(0) ? "_kept" : "");
                         });

}  // namespace
}  // namespace mxsim
