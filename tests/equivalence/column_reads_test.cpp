// What passes the transposers in a training step: the operands that a dataflow reads across the
// rows they are stored in, and nothing else, in any set of buffers and in both fidelities.
#include <gtest/gtest.h>

#include "models/workload/lower.h"
#include "sim/config/load.h"
#include "sim/config/run_config.h"
#include "sim/run/simulation.h"

namespace mxsim {
namespace {

struct Across {
  bool left;
  bool right;
};

/// Y = X W reads X and W, dX = dY W^T reads dY and W transposed, dW = X^T dY reads X transposed and
/// dY, all stored row by row. A step of `ws` takes a piece of a row of the left operand and of the
/// right operand as it is multiplied; of `os` a piece of a column and of a row; of `is` two of
/// columns.
Across across(Dataflow dataflow, const GemmWork& work) {
  const bool left_turned = work.kind == GemmKind::kWeightGradient;
  const bool right_turned =
      work.kind == GemmKind::kWindow && work.b_orientation == Orientation::kTransposed;
  const bool left_by_column = dataflow != Dataflow::kWeightStationary;
  const bool right_by_column = dataflow == Dataflow::kInputStationary;
  return {left_turned != left_by_column, right_turned != right_by_column};
}

struct Variant {
  const char* name;
  const char* buffers;  ///< JSON; "": those of the chip
};

const std::vector<Variant> kVariants{
    {"as_they_are", ""},
    {"interleaved",
     R"({"input": {"bytes": 16384, "width_elements": 8, "layout": "interleaved"},
         "weight": {"bytes": 16384, "width_elements": 8, "layout": "interleaved"},
         "accumulator": {"bytes": 32768, "width_elements": 8, "layout": "interleaved"}})"},
    {"gradient",
     R"({"input": {"bytes": 16384}, "weight": {"bytes": 16384}, "accumulator": {"bytes": 32768},
         "gradient": {"bytes": 16384, "width_elements": 8}})"},
    {"shared", R"({"shared": {"bytes": 131072, "banks": 32, "width_bits": 64}})"},
    {"shared_interleaved",
     R"({"shared": {"bytes": 131072, "banks": 32, "width_bits": 64, "layout": "interleaved"}})"}};

using Case = std::tuple<const char*, const char*, Variant>;  // network, dataflow, buffers

class ColumnReads : public ::testing::TestWithParam<Case> {
 protected:
  static std::vector<Override> overrides() {
    const auto& [network, dataflow, variant] = GetParam();
    std::vector<Override> all{{"/chip/array/dataflow/forward", dataflow},
                              {"/chip/array/dataflow/backward_data", dataflow},
                              {"/chip/array/dataflow/backward_weight", dataflow}};
    if (*variant.buffers != '\0') all.push_back({"/chip/buffers", variant.buffers});
    return all;
  }

  ColumnReads()
      : config_(load_config<RunConfig>(
            MXSIM_ROOT "/configs/runs/" + std::string(std::get<0>(GetParam())) + "_train.json",
            overrides())),
        ops_(lower(config_.workload, lowering_policy(config_))),
        dram_(dram_device(config_.chip.dram)) {}

  SimulationResult run(Fidelity fidelity) const {
    SimulationRequest request{ops_, config_.chip, dram_};
    request.fidelity = fidelity;
    return simulate(request);
  }

  Unit holder(TensorRole role, Unit otherwise) const {
    return role == TensorRole::kGradient && config_.chip.buffers.contains("gradient")
               ? Unit::kSramGradient
               : otherwise;
  }

  /// Elements of one byte, all GEMMs of a group being of one kind.
  UnitCounts expected(const OpGroup& group, const EventCounts& array) const {
    UnitCounts bytes;
    if (group.gemms.empty()) return bytes;
    const GemmWork& work = group.gemms.front();
    const Across read = across(config_.chip.array.dataflow[group.pass], work);
    const auto transposed = [&](Unit buffer, Event reads) {
      bytes[buffer].add(Event::kTransposedBytes, array[reads]);
    };
    const Unit left = holder(work.role_a, Unit::kSramInput);
    const bool left_is_gradient = left == Unit::kSramGradient;
    const Unit right =
        left_is_gradient ? Unit::kSramWeight : holder(work.role_b, Unit::kSramWeight);
    if (read.left) transposed(left, Event::kOperandAReads);
    if (read.right) transposed(right, Event::kOperandBReads);
    return bytes;
  }

  RunConfig config_;
  OpList ops_;
  DramDevice dram_;
};

TEST_P(ColumnReads, AreWhatTheTransposersTurnAndNothingElse) {
  const SimulationResult tile = run(Fidelity::kTile);
  ASSERT_EQ(tile.groups.size(), ops_.groups.size());
  for (std::size_t i = 0; i < ops_.groups.size(); ++i) {
    const OpGroup& group = ops_.groups[i];
    const UnitCounts& counts = tile.groups[i].counts;
    const UnitCounts bytes = expected(group, counts[Unit::kArray]);
    for (const Unit buffer :
         {Unit::kSramInput, Unit::kSramWeight, Unit::kSramGradient, Unit::kSramAccumulator}) {
      EXPECT_EQ(counts[buffer][Event::kTransposedBytes], bytes[buffer][Event::kTransposedBytes])
          << group.layer << " " << to_string(group.pass) << " " << to_string(buffer);
    }
  }
  EXPECT_GT(tile.counts.total(Event::kTransposedBytes), 0u);
  EXPECT_EQ(run(Fidelity::kPe).counts, tile.counts);
}

TEST_P(ColumnReads, PassNoTransposerWhereThereIsNone) {
  for (const TransposedRead read : {TransposedRead::kGather, TransposedRead::kSecondPort}) {
    for (auto& [name, buffer] : config_.chip.buffers) buffer.transposed_read = read;
    EXPECT_EQ(run(Fidelity::kTile).counts.total(Event::kTransposedBytes), 0u);
  }
}

INSTANTIATE_TEST_SUITE_P(Networks, ColumnReads,
                         ::testing::Combine(::testing::Values("tiny_cnn", "tiny_vit"),
                                            ::testing::Values("ws", "os", "is"),
                                            ::testing::ValuesIn(kVariants)),
                         [](const auto& each) {
                           return std::string(std::get<0>(each.param)) + "_" +
                                  std::get<1>(each.param) + "_" + std::get<2>(each.param).name;
                         });

// Convolutions and linear layers read rows of activations and of weights.
TEST(ColumnReadsOfInference, AreNoneInWeightStationaryInference) {
  const auto config =
      load_config<RunConfig>(MXSIM_ROOT "/configs/runs/tiny_cnn_train.json", {{"/mode", "infer"}});
  const OpList ops = lower(config.workload, lowering_policy(config));
  const DramDevice dram = dram_device(config.chip.dram);
  EXPECT_EQ(simulate({ops, config.chip, dram}).counts.total(Event::kTransposedBytes), 0u);
}

}  // namespace
}  // namespace mxsim
