// A few vectors times a large matrix, as when a language model decodes: every weight is used once a
// vector, so that the memory decides, or the border through which weights enter the array. Each
// dataflow takes one weight a cycle for each column (ws: as what stays, a row a cycle; os: streamed
// past the sums) or for each row (is: streamed past the activations).
#include <gtest/gtest.h>

#include <algorithm>

#include "models/dataflow/closed_form.h"
#include "models/dataflow/dataflow_table.h"
#include "models/mapping/plan_run.h"
#include "models/mapping/prediction/run_prediction.h"
#include "models/workload/lower.h"
#include "sim/config/load.h"
#include "sim/config/run_config.h"
#include "sim/run/run_once.h"
#include "sim/run/simulation.h"
#include "tests/support/small_graphs.h"

namespace mxsim {
namespace {

/// Cycles above the roof that filling and draining the array tile by tile, the first fetch and the
/// last store may take.
constexpr double kAboveRoof = 1.08;

struct Array {
  std::int64_t rows;
  std::int64_t cols;
};

/// A linear layer of `inputs` x `outputs` on the reference chip and 25.6 GB/s.
struct Decode {
  RunConfig run;
  OpList ops;
  DramDevice dram;

  Decode(std::int64_t inputs, std::int64_t outputs, std::int64_t tokens, const std::string& format,
         Array array, Dataflow dataflow)
      : run(load_config<RunConfig>(
            MXSIM_ROOT "/configs/runs/resnet18_infer.json",
            {{"/batch", std::to_string(tokens)},
             {"/formats/default", format},
             {"/chip/buffers/input/width_elements", "64"},
             {"/chip/buffers/weight/width_elements", "64"},
             {"/chip/buffers/accumulator/width_elements", "64"},
             {"/chip/dram/device", MXSIM_ROOT "/configs/dram/ideal-25.6GBs.json"}})) {
    run.workload =
        GraphBuilder({inputs})
            .layer("fc", "linear", {"image"}, {{"out_features", {outputs}}, {"bias", {0}}})
            .build();
    run.chip.array.rows = array.rows;
    run.chip.array.cols = array.cols;
    run.chip.array.dataflow.forward = dataflow;
    ops = lower(run.workload, lowering_policy(run));
    dram = dram_device(run.chip.dram);
  }
  /// Of the layer itself: before it the input may be quantized.
  const GemmWork& work() const { return ops.groups.back().gemms.front(); }
  MapperChip chip() const { return mapper_chip(run.chip, dram, ops); }
  Bytes capacity() const { return Bytes(dram.organisation.capacity_bytes()); }
};

/// Without scales.
std::int64_t element_bytes(const StoredTensor& tensor) {
  return tensor.rows * tensor.cols * tensor.layout.format.element_bits / 8;
}

/// Bytes of a tensor's elements that a run fetches.
Bytes fetched_elements(const RunPlan& plan, TensorId tensor) {
  const std::int64_t begin = plan.memory().base(tensor);
  const std::int64_t end =
      begin + element_bytes(plan.ops().tensors[static_cast<std::size_t>(tensor)]);
  Bytes sum{0};
  for (ProgramSource source(plan); !source.done();) {
    for (const Command& command : source.next(0).commands) {
      const auto* transfer = std::get_if<TransferWork>(&command.work);
      if (transfer == nullptr || command.unit != Unit::kDmaRead) continue;
      for (const DramRun& run : transfer->runs) {
        if (run.base >= begin && run.base < end) sum += run.payload();
      }
    }
  }
  return sum;
}

struct Shape2 {
  std::int64_t inputs;
  std::int64_t outputs;
};
constexpr Shape2 kShapes[] = {{4096, 4096}, {4096, 11008}, {11008, 4096}};

class Gemv : public ::testing::TestWithParam<std::tuple<Dataflow, const char*>> {};

TEST_P(Gemv, FetchesEachWeightOnceAndTakesLittleMoreThanItsRoof) {
  const auto& [dataflow, format] = GetParam();
  for (const auto& [inputs, outputs] : kShapes) {
    for (const std::int64_t tokens : {1, 2, 4, 8}) {
      for (const Array array : {Array{32, 32}, Array{16, 64}, Array{64, 16}}) {
        const Decode decode(inputs, outputs, tokens, format, array, dataflow);
        const MapperChip chip = decode.chip();
        const RunPlan plan = plan_run(decode.ops, chip, decode.capacity(),
                                      priced_policy(decode.run, decode.ops, decode.dram));
        const StoredTensor& weights = decode.ops.tensors[static_cast<std::size_t>(decode.work().b)];
        ASSERT_EQ(fetched_elements(plan, decode.work().b).count(), element_bytes(weights));
        const std::int64_t entering =
            dataflow == Dataflow::kInputStationary ? array.rows : array.cols;
        const double roof =
            std::max(static_cast<double>(inputs * outputs / entering),
                     static_cast<double>(weights.bytes().count()) / chip.dram_bytes_per_cycle);
        const auto cycles = static_cast<double>(predict_run(plan, *chip.around).cycles.count());
        ASSERT_GE(cycles, roof);
        EXPECT_LE(cycles, kAboveRoof * roof) << tokens << " x " << inputs << " x " << outputs
                                             << " on " << array.rows << "x" << array.cols;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Decoding, Gemv,
                         ::testing::Combine(::testing::Values(Dataflow::kWeightStationary,
                                                              Dataflow::kOutputStationary,
                                                              Dataflow::kInputStationary),
                                            ::testing::Values("bf16", "mxsf", "mxfp4_e2m1")),
                         [](const auto& each) {
                           const Dataflow dataflow = std::get<0>(each.param);
                           return std::string(mxsim::info(dataflow).name) + "_" +
                                  std::get<1>(each.param);
                         });

TEST(OneVector, IsSimulatedInThePredictedCycles) {
  for (const Dataflow dataflow :
       {Dataflow::kWeightStationary, Dataflow::kOutputStationary, Dataflow::kInputStationary}) {
    const Decode decode(4096, 4096, 1, "mxsf", {32, 32}, dataflow);
    const SimulationResult result = simulate({decode.ops, decode.run.chip, decode.dram});
    const MapperChip chip = decode.chip();
    const RunPlan plan = plan_run(decode.ops, chip, decode.capacity());
    EXPECT_EQ(result.cycles, predict_run(plan, *chip.around).cycles);
  }
}

// 32 columns take 32 weights a cycle, the memory brings 25.6 bytes: weights of half a byte wait for
// the way into the array, those of two bytes for the memory. Each row of PEs then works in one
// cycle of 32.
TEST(OneVector, IsBoundByWeightsOnTheirWayIntoTheArrayWhereTheMemoryIsFaster) {
  const auto bound = [](const char* format, Dataflow dataflow) {
    const Decode decode(4096, 4096, 1, format, {32, 32}, dataflow);
    return run_once(decode.run).layers.back();
  };
  const LayerReport loads = bound("mxfp4_e2m1", Dataflow::kWeightStationary);
  EXPECT_EQ(loads.bound_by, "stationary_load");
  const UnitActivity& array = loads.activity[static_cast<std::size_t>(Unit::kArray)];
  EXPECT_GT(array.stalled[StallCause::kStationaryLoad] * 10, loads.cycles * 9);
  EXPECT_EQ(bound("bf16", Dataflow::kWeightStationary).bound_by, "dram");
  // Weights that stream past the sums do not wait for a place.
  EXPECT_EQ(bound("mxfp4_e2m1", Dataflow::kOutputStationary).bound_by, "compute");
}

// As many cycles as its 128 rows, which each pass of one vector waits for, but for the first of a
// chain of two passes.
TEST(StationaryLoads, WaitAsLongAsAPassIsShorterThanItsLoad) {
  ArraySpec spec;
  spec.rows = 128;
  spec.cols = 16;
  ArrayCommand command;
  command.m = 1;
  command.n = 16 * 5;
  command.k = 128;
  // Five passes of one vector: a load of 128 steps before each, one step of which the pass before
  // would take anyway.
  EXPECT_EQ(load_stall(spec, command), Cycles(128 + 4 * 127));
  command.m = 1000;
  EXPECT_EQ(load_stall(spec, command), Cycles(128));
  command.dataflow = Dataflow::kOutputStationary;
  EXPECT_EQ(load_stall(spec, command), Cycles(0));
}

}  // namespace
}  // namespace mxsim
