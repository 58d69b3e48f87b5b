// The order in which a training step's commands run, with updates at the end, early or fused, in
// both fidelities:
//   1. each unit takes its commands in the order of the program and finishes them so;
//   2. a transfer begins after every transfer of an earlier group that stored bytes that it
//      touches, and a store also after every load of bytes that it overwrites. So an update reads
//      finished gradients, and no new weight replaces an old one that a GEMM has yet to read;
//   3. no queue is overtaken. A fused update runs while the array multiplies other tiles; an early
//      one stands between two GEMMs and frees its gradient's bytes.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <tuple>
#include <vector>

#include "models/mapping/plan_run.h"
#include "models/workload/lower.h"
#include "sim/config/load.h"
#include "sim/config/run_config.h"
#include "sim/run/simulation.h"

namespace mxsim {
namespace {

/// A command with its time in the simulation.
struct Timed {
  Command command;
  Cycles begin{0};
  Cycles end{0};
};

struct Piece {
  std::int64_t begin;
  std::int64_t end;
};

std::vector<Piece> pieces_of(const TransferWork& work) {
  std::vector<Piece> pieces;
  for (const DramRun& run : work.runs) {
    for (std::int64_t i = 0; i < run.rows; ++i) {
      const std::int64_t begin = run.base + i * run.stride;
      pieces.push_back({begin, begin + run.row_bytes});
    }
  }
  std::sort(pieces.begin(), pieces.end(),
            [](const Piece& a, const Piece& b) { return a.begin < b.begin; });
  return pieces;
}

bool touch(const std::vector<Piece>& a, const std::vector<Piece>& b) {
  auto at = b.begin();
  for (const Piece& piece : a) {
    while (at != b.end() && at->end <= piece.begin) ++at;
    if (at == b.end()) return false;
    if (at->begin < piece.end) return true;
  }
  return false;
}

class Step {
 public:
  Step(const std::string& network, std::vector<Override> sets)
      : config_(load_config<RunConfig>(MXSIM_ROOT "/configs/runs/" + network + "_train.json",
                                       std::move(sets))),
        ops_(lower(config_.workload, lowering_policy(config_))),
        dram_(dram_device(config_.chip.dram)) {}

  /// Whether the command belongs to a group that updates parameters.
  bool updates(const Timed& timed) const {
    const OpGroup& group = ops_.groups[timed.command.group];
    return group.pass == Pass::kUpdate || group.op.ends_with("+adam");
  }
  /// Most bytes of gradients at any moment.
  Bytes gradient_bytes() const {
    SimulationRequest request{ops_, config_.chip, dram_};
    request.policy = config_.mapping;
    return simulate(request)
        .memory.dram_classes.alone[static_cast<std::size_t>(MemoryClass::kGradients)];
  }

  /// The k-th span of a unit's work is that of its k-th command.
  std::vector<Timed> run(Fidelity fidelity) const {
    std::vector<Timed> commands = planned();
    std::array<std::vector<Timed*>, kUnitCount> of_unit;
    for (Timed& each : commands) {
      of_unit[static_cast<std::size_t>(each.command.unit)].push_back(&each);
    }
    Timeline timeline;
    SimulationRequest request{ops_, config_.chip, dram_};
    request.fidelity = fidelity;
    request.policy = config_.mapping;
    request.timeline = &timeline;
    simulate(request);
    std::array<std::size_t, kUnitCount> next{};
    for (const Timeline::Span& span : timeline.spans()) {
      const auto unit = static_cast<std::size_t>(span.unit);
      if (span.stall && span.what.empty()) continue;
      if (span.stall) {  // the end of a command that was held up
        of_unit[unit].at(next[unit] - 1)->end = span.end;
        continue;
      }
      Timed& timed = *of_unit[unit].at(next[unit]++);
      EXPECT_EQ(timed.command.group, span.label);
      timed.begin = span.begin;
      timed.end = span.end;
    }
    for (std::size_t unit = 0; unit < kUnitCount; ++unit) {
      EXPECT_EQ(next[unit], of_unit[unit].size());
    }
    return commands;
  }

 private:
  std::vector<Timed> planned() const {
    const MapperChip chip = mapper_chip(config_.chip, dram_, ops_, config_.mapping.kept_bytes());
    const RunPlan plan =
        plan_run(ops_, chip, Bytes(dram_.organisation.capacity_bytes()), config_.mapping);
    std::vector<Timed> commands;
    for (ProgramSource source(plan); !source.done();) {
      for (Command& command : source.next(0).commands) commands.push_back({std::move(command)});
    }
    return commands;
  }

  RunConfig config_;
  OpList ops_;
  DramDevice dram_;
};

void expect_in_order(const std::vector<Timed>& commands) {
  std::array<Timed, kUnitCount> last{};
  for (const Timed& each : commands) {
    Timed& before = last[static_cast<std::size_t>(each.command.unit)];
    ASSERT_GE(each.begin, before.begin) << to_string(each.command);
    ASSERT_GE(each.end, before.end) << to_string(each.command);
    before = each;
  }
}

/// Pairs that had to wait for each other.
std::size_t expect_hazards_kept(const std::vector<Timed>& commands) {
  struct Transfer {
    const Timed* timed;
    bool stores;
    std::vector<Piece> pieces;
  };
  std::vector<Transfer> transfers;
  std::size_t pairs = 0;
  for (const Timed& each : commands) {
    const auto* work = std::get_if<TransferWork>(&each.command.work);
    if (work == nullptr) continue;
    const Transfer now{&each, each.command.unit == Unit::kDmaWrite, pieces_of(*work)};
    for (const Transfer& before : transfers) {
      if (before.timed->command.group == each.command.group) continue;
      if (!now.stores && !before.stores) continue;
      if (!touch(before.pieces, now.pieces)) continue;
      ++pairs;
      EXPECT_LE(before.timed->end, now.timed->begin)
          << to_string(before.timed->command) << " before " << to_string(each.command);
    }
    transfers.push_back(now);
  }
  return pairs;
}

/// Cycles in which the vector unit updates while the array is at work.
Cycles updates_beside_gemms(const Step& step, const std::vector<Timed>& commands) {
  Cycles both{0};
  for (const Timed& update : commands) {
    if (update.command.unit != Unit::kVector || !step.updates(update)) continue;
    for (const Timed& gemm : commands) {
      if (gemm.command.unit != Unit::kArray) continue;
      both +=
          std::max(Cycles(0), std::min(update.end, gemm.end) - std::max(update.begin, gemm.begin));
    }
  }
  return both;
}

std::vector<Override> settings(const std::string& placement) {
  return {{"/optimizer", "adam"}, {"/update/placement", placement}};
}

class UpdateOrder : public ::testing::TestWithParam<std::tuple<const char*, const char*>> {};

TEST_P(UpdateOrder, KeepsUnitsInOrderAndBytesInTheirTurnInBothFidelities) {
  const auto& [network, placement] = GetParam();
  const Step step(network, settings(placement));
  const std::vector<Timed> tile = step.run(Fidelity::kTile);
  const std::vector<Timed> pe = step.run(Fidelity::kPe);
  ASSERT_EQ(pe.size(), tile.size());
  for (std::size_t id = 0; id < tile.size(); ++id) {
    ASSERT_EQ(pe[id].begin, tile[id].begin) << to_string(tile[id].command);
    ASSERT_EQ(pe[id].end, tile[id].end) << to_string(tile[id].command);
  }
  expect_in_order(pe);
  EXPECT_GT(expect_hazards_kept(pe), 0u);
}

INSTANTIATE_TEST_SUITE_P(Each, UpdateOrder,
                         ::testing::Combine(::testing::Values("tiny_cnn", "tiny_vit"),
                                            ::testing::Values("end", "early", "fused")),
                         [](const auto& each) {
                           return std::string(std::get<0>(each.param)) + "_" +
                                  std::get<1>(each.param);
                         });

class Updates : public ::testing::TestWithParam<const char*> {};

TEST_P(Updates, FusedRunWhileTheArrayMultipliesOtherTiles) {
  const Step fused(GetParam(), settings("fused"));
  for (const Fidelity fidelity : {Fidelity::kTile, Fidelity::kPe}) {
    EXPECT_GT(updates_beside_gemms(fused, fused.run(fidelity)).count(), 0);
  }
}

TEST_P(Updates, EarlyLeaveFewerGradientsInDram) {
  const auto gradients = [&](const char* placement) {
    return Step(GetParam(), settings(placement)).gradient_bytes();
  };
  EXPECT_LT(gradients("early"), gradients("end"));
  EXPECT_LE(gradients("fused"), gradients("early"));
}

INSTANTIATE_TEST_SUITE_P(Each, Updates, ::testing::Values("tiny_cnn", "tiny_vit"));

}  // namespace
}  // namespace mxsim
