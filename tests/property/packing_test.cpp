// How many groups of a depthwise or grouped convolution one product packs, against all packings
// that are possible, each simulated.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "models/mapping/search/packing_choice.h"
#include "models/workload/group_packing.h"
#include "models/workload/lower.h"
#include "sim/config/load.h"
#include "sim/config/run_config.h"
#include "sim/run/run_once.h"
#include "tests/property/drawn_networks.h"

namespace mxsim {
namespace {

using testing::draw;

struct Depthwise {
  RunConfig run;
  DramDevice dram;
  OpList ops;

  /// One layer forward on the reference chip with an array of rows x columns.
  Depthwise(Graph graph, std::int64_t rows, std::int64_t columns, const std::string& format)
      : run(load_config<RunConfig>(MXSIM_ROOT "/configs/runs/resnet18_infer.json",
                                   {{"/batch", "1"},
                                    {"/formats/default", format},
                                    {"/chip/array/rows", std::to_string(rows)},
                                    {"/chip/array/columns", std::to_string(columns)}})),
        dram(dram_device(run.chip.dram)) {
    run.workload = std::move(graph);
    ops = lowered_for_chip(run, dram);
    std::erase_if(ops.groups, [](const OpGroup& group) { return group.gemms.empty(); });
  }

  SimulationResult simulated(std::int64_t packed = 0) const {
    OpList packing = ops;
    GemmWork& work = packing.groups.front().gemms.front();
    if (packed > 0) work = pack_groups(unpack_groups(work), packed);
    SimulationRequest request{packing, run.chip, dram};
    request.policy = priced_policy(run, packing, dram);
    return simulate(request);
  }
};

Graph layer(std::int64_t channels, std::int64_t groups, std::int64_t size, std::int64_t stride) {
  return GraphBuilder({channels, size, size})
      .layer("layer", "conv2d", {"image"},
             {{"out_channels", {channels}},
              {"kernel", {3}},
              {"stride", {stride}},
              {"padding", {1}},
              {"groups", {groups}},
              {"bias", {0}}})
      .build();
}

// 96 channels of 112 x 112 bytes once, and a quarter of them stored: with four groups a product,
// which array cycles alone preferred on 37 x 38 PEs, pieces of four bytes moved 80 MB.
TEST(Packing, ALayerOfMobileNetV2MovesLittleMoreThanItsTensors) {
  const Depthwise it(layer(96, 96, 112, 2), 37, 38, "mxsf");
  const SimulationResult run = it.simulated();
  const double tensors = 96 * (112 * 112 + 56 * 56) * 65.0 / 64;
  EXPECT_LE(static_cast<double>((run.dram.read_moved + run.dram.write_moved).count()),
            1.5 * tensors);
}

RC_GTEST_PROP(Packing, IsHardlySlowerThanAnyOther, ()) {
  const std::int64_t per_group = draw(0, 2) == 0 ? draw(2, 4) : 1;
  const std::int64_t groups = 8 * draw(1, 12);
  const Depthwise it(layer(groups * per_group, groups, draw(8, 40), draw(1, 2)), draw(8, 48),
                     draw(8, 48), *rc::gen::element<std::string>("bf16", "mxsf", "mxfp8_e4m3"));
  const double chosen = static_cast<double>(it.simulated().cycles.count());
  const GemmWork& work = it.ops.groups.front().gemms.front();
  for (const std::int64_t packed : possible_packings(work, it.run.chip.array)) {
    const double other = static_cast<double>(it.simulated(packed).cycles.count());
    RC_LOG() << "packed " << work.packed << ": " << chosen << " cycles; " << packed << ": " << other
             << "\n";
    RC_ASSERT(chosen <= 1.25 * other + 2000);
  }
}

}  // namespace
}  // namespace mxsim
