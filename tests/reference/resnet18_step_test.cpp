#include <gtest/gtest.h>

#include "sim/config/load.h"
#include "sim/config/run_config.h"
#include "sim/run/run_once.h"

namespace mxsim {
namespace {

/// The reference chip at batch 1.
RunReport report_of(const char* format) {
  const RunConfig config = load_config<RunConfig>(MXSIM_ROOT "/configs/runs/resnet18_train.json",
                                                  {{"/formats/default", format}, {"/batch", "1"}});
  return run_once(config);
}

class ResNet18Step : public ::testing::TestWithParam<const char*> {
 protected:
  ResNet18Step() : report_(report_of(GetParam())) {}
  RunReport report_;
};

std::int64_t count(const RunReport& report, Unit unit, Event event) {
  return static_cast<std::int64_t>(report.result.counts[unit][event]);
}

// Forward 1.81407 G (torchvision's layers); the first layer's data gradient is not needed.
TEST_P(ResNet18Step, MultipliesThreeTimesTheForwardPassLessTheFirstDataGradient) {
  constexpr std::int64_t kForward = 1'814'073'344;
  constexpr std::int64_t kFirstLayer = 112 * 112 * 64 * 147;
  EXPECT_EQ(report_.macs, 3 * kForward - kFirstLayer);
  EXPECT_EQ(count(report_, Unit::kArray, Event::kMac), report_.macs);
}

TEST_P(ResNet18Step, LosesNoByteBetweenDramAndBuffers) {
  EXPECT_EQ(count(report_, Unit::kDmaRead, Event::kDmaReadBytes),
            report_.result.dram.read_payload.count());
  EXPECT_EQ(count(report_, Unit::kDmaWrite, Event::kDmaWriteBytes),
            report_.result.dram.write_payload.count());
  EXPECT_GE(report_.dram_read, report_.result.dram.read_payload);
  EXPECT_GE(report_.dram_written, report_.result.dram.write_payload);
}

TEST_P(ResNet18Step, KeepsEveryRooflineInEveryLayer) {
  constexpr std::int64_t kPes = 32 * 32;
  constexpr double kDramBytesPerCycle = 51.2;
  constexpr std::int64_t kVectorLanes = 64;
  for (const LayerReport& layer : report_.layers) {
    EXPECT_GE(layer.cycles.count() * kPes, layer.macs) << layer.name;
    EXPECT_GE(static_cast<double>(layer.span.count()) * kDramBytesPerCycle,
              static_cast<double>(layer.dram_bytes().count()))
        << layer.name << " " << to_string(layer.pass);
    const auto simple = layer.counts[Unit::kVector][Event::kVectorAdd] +
                        layer.counts[Unit::kVector][Event::kVectorMul] +
                        layer.counts[Unit::kVector][Event::kVectorCompare];
    EXPECT_GE(layer.span.count() * kVectorLanes, static_cast<std::int64_t>(simple)) << layer.name;
    for (const Unit unit :
         {Unit::kArray, Unit::kDmaRead, Unit::kDmaWrite, Unit::kVector, Unit::kRequant}) {
      EXPECT_EQ(layer.activity[static_cast<std::size_t>(unit)].total(), layer.cycles) << layer.name;
    }
  }
}

TEST_P(ResNet18Step, PesAreActiveOrIdleInEveryCycleOfACommand) {
  EXPECT_EQ(count(report_, Unit::kArray, Event::kPeActiveCycles), report_.macs);
  const UnitActivity& array = report_.result.activity[static_cast<std::size_t>(Unit::kArray)];
  const Cycles occupied = array.busy + array.stalled[StallCause::kStationaryLoad];
  EXPECT_EQ(count(report_, Unit::kArray, Event::kPeActiveCycles) +
                count(report_, Unit::kArray, Event::kPeIdleCycles),
            occupied.count() * 32 * 32);
}

INSTANTIATE_TEST_SUITE_P(Formats, ResNet18Step, ::testing::Values("bf16", "mxfp8_e4m3", "mxsf"),
                         [](const auto& each) { return std::string(each.param); });

}  // namespace
}  // namespace mxsim
