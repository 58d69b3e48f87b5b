#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "models/mapping/plan_run.h"
#include "models/workload/lower.h"
#include "sim/config/load.h"
#include "sim/config/run_config.h"
#include "sim/run/simulation.h"

namespace mxsim {
namespace {

/// What touched a byte last, before the current group.
struct Touch {
  std::optional<CommandId> load;
  std::optional<CommandId> store;
};

/// Checks a run's transfers byte by byte against those of earlier groups.
class ByteCheck {
 public:
  ByteCheck(Bytes dram, Bytes on_chip)
      : dram_(dram.count()), bytes_(static_cast<std::size_t>((dram + on_chip).count())) {}

  void next(const Command& command) {
    const CommandId id = unit_of_.size();
    unit_of_.push_back(command.unit);
    if (command.group > group_) begin_group(command.group);
    if (!std::holds_alternative<TransferWork>(command.work)) return;
    check(id, command);
    if (command.group < group_) {
      apply(id, command);  // the late end of a group
    } else {
      own_.push_back({id, command});
    }
    ++checked_;
  }
  std::size_t checked() const { return checked_; }

 private:
  void begin_group(std::uint32_t group) {
    for (const auto& [id, command] : own_) apply(id, command);
    own_.clear();
    group_ = group;
  }

  void check(CommandId id, const Command& command) {
    Touch needed;
    for_each_byte(command, [&](const Touch& touch) {
      needed.store = std::max(needed.store, touch.store);
      needed.load = std::max(needed.load, touch.load);
    });
    expect_awaited(id, command, needed.store, Unit::kDmaWrite);
    if (command.unit == Unit::kDmaWrite) expect_awaited(id, command, needed.load, Unit::kDmaRead);
  }

  void apply(CommandId id, const Command& command) {
    for_each_byte(command, [&](Touch& touch) {
      std::optional<CommandId>& last = command.unit == Unit::kDmaWrite ? touch.store : touch.load;
      last = std::max(last, std::optional(id));
    });
  }

  template <class Visit>
  void for_each_byte(const Command& command, Visit visit) {
    for (const DramRun& run : std::get<TransferWork>(command.work).runs) {
      for (std::int64_t row = 0; row < run.rows; ++row) {
        const std::int64_t base = run.base >= kOnChip ? run.base - kOnChip + dram_ : run.base;
        const std::int64_t begin = base + row * run.stride;
        for (std::int64_t i = begin; i < begin + run.row_bytes; ++i) {
          visit(bytes_[static_cast<std::size_t>(i)]);
        }
      }
    }
  }

  /// A DMA engine ends its transfers in order: a later one of the same unit will do.
  void expect_awaited(CommandId id, const Command& command, std::optional<CommandId> other,
                      Unit unit) {
    if (!other) return;
    const bool awaited = std::any_of(command.after.begin(), command.after.end(), [&](CommandId d) {
      return d >= *other && unit_of_[d] == unit;
    });
    EXPECT_TRUE(awaited) << id << ": " << to_string(command) << " does not wait for " << *other;
  }

  std::int64_t dram_;
  std::vector<Touch> bytes_;  ///< of DRAM, then of the part reserved on the chip
  std::vector<std::pair<CommandId, Command>> own_;  ///< of the current group
  std::vector<Unit> unit_of_;
  std::uint32_t group_ = 0;
  std::size_t checked_ = 0;
};

using Case = std::tuple<const char*, Bytes>;  // format, bytes kept on the chip

class TransferOrder : public ::testing::TestWithParam<Case> {};

TEST_P(TransferOrder, NoTransferOvertakesAnEarlierGroupsOnTheSameBytes) {
  const RunConfig run = load_config<RunConfig>(MXSIM_ROOT "/configs/runs/tiny_cnn_train.json",
                                               {{"/formats/default", std::get<0>(GetParam())}});
  const OpList ops = lower(run.workload, lowering_policy(run));
  const DramDevice dram = dram_device(run.chip.dram);
  const MapperChip chip = mapper_chip(run.chip, dram, ops);
  const PlanPolicy policy{GroupOverlap::kOn, std::get<1>(GetParam())};
  const RunPlan plan = plan_run(ops, chip, Bytes(dram.organisation.capacity_bytes()), policy);
  ByteCheck bytes(plan.memory().used(), policy.kept_bytes());
  for (ProgramSource source(plan); !source.done();) {
    const Program piece = source.next(0);
    for (const Command& command : piece.commands) bytes.next(command);
  }
  EXPECT_GT(bytes.checked(), 100u);
}

INSTANTIATE_TEST_SUITE_P(Formats, TransferOrder,
                         ::testing::Combine(::testing::Values("fp32", "bf16", "mxfp8_e4m3", "mxsf"),
                                            ::testing::Values(Bytes(0), Bytes(3000))),
                         [](const auto& each) {
                           return std::string(std::get<0>(each.param)) + "_" +
                                  std::to_string(std::get<1>(each.param).count());
                         });

}  // namespace
}  // namespace mxsim
