// A convolution whose kernel is as large as its input is a linear layer: the same weights, in
// another order, for one output position. Its tiles have pieces of every tap, which lie far apart
// in memory; narrow ones may all meet one channel or bank of the DRAM.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <utility>

#include "models/workload/lower.h"
#include "sim/config/load.h"
#include "sim/config/run_config.h"
#include "sim/run/run_once.h"
#include "tests/property/drawn_networks.h"
#include "tests/support/small_graphs.h"

namespace mxsim {
namespace {

using testing::draw;

struct Product {
  std::int64_t channels;
  std::int64_t kernel;
  std::int64_t outputs;
  std::int64_t inputs() const { return channels * kernel * kernel; }
};

Graph convolution(const Product& p) {
  return GraphBuilder({p.channels, p.kernel, p.kernel})
      .layer("layer", "conv2d", {"image"},
             {{"out_channels", {p.outputs}}, {"kernel", {p.kernel}}, {"bias", {0}}})
      .build();
}

Graph linear(const Product& p) {
  return GraphBuilder({p.inputs()})
      .layer("layer", "linear", {"image"}, {{"out_features", {p.outputs}}, {"bias", {0}}})
      .build();
}

struct Taken {
  double cycles = 0;
  double energy_pj = 0;
};

/// On the reference chip with its LPDDR4.
Taken taken(Graph graph, const std::string& format, std::vector<PinnedMapping> pins = {}) {
  auto run = load_config<RunConfig>(MXSIM_ROOT "/configs/runs/resnet18_infer.json",
                                    {{"/batch", "1"}, {"/formats/default", format}});
  run.workload = std::move(graph);
  run.mapping.pinned = std::move(pins);
  const RunReport report = price_once(run, simulate_once(run));
  return {static_cast<double>(report.result.cycles.count()), report.energy.total_pj()};
}

PinnedMapping pinned(std::int64_t channels, std::int64_t columns) {
  PinnedMapping pin;
  pin.tiling = {0, 0, 0, channels, columns, LoopOrder::kRowsColumnsReduction};
  return pin;
}

struct ByHand {
  Product product;
  std::int64_t channels;  ///< of a tile, with 512 columns
};

// The search took 3.2, 3.5 and 2 times as long as the linear layer when it knew no channels.
TEST(FullKernel, TakesLittleMoreThanTheLinearLayerAndTilesChosenByHand) {
  for (const ByHand& it :
       {ByHand{{256, 6, 4096}, 3}, ByHand{{512, 7, 4096}, 2}, ByHand{{512, 7, 512}, 2}}) {
    const Taken found = taken(convolution(it.product), "bf16");
    const Taken same = taken(linear(it.product), "bf16");
    const Taken by_hand = taken(convolution(it.product), "bf16", {pinned(it.channels, 512)});
    const std::string name = std::to_string(it.product.inputs());
    EXPECT_LE(found.cycles, 1.1 * same.cycles) << name;
    EXPECT_LE(found.energy_pj, 1.05 * same.energy_pj) << name;
    EXPECT_LE(found.cycles, 1.05 * by_hand.cycles) << name;
    EXPECT_LE(found.energy_pj, 1.05 * by_hand.energy_pj) << name;
  }
}

// Pieces of a tap are as wide as the tile; rows of the linear layer's tile lie side by side.
RC_GTEST_PROP(FullKernel, TakesABoundedMultipleOfTheLinearLayerForDrawnLayers, ()) {
  const Product p{8 * draw(1, 32), draw(2, 7), 16 * draw(2, 64)};
  RC_PRE(p.inputs() * p.outputs <= 2'000'000);
  const std::string format = *rc::gen::element<std::string>("bf16", "mxsf", "mxfp8_e4m3");
  const Taken found = taken(convolution(p), format);
  const Taken same = taken(linear(p), format);
  RC_LOG() << p.channels << " " << p.kernel << " " << p.outputs << " " << format << ": "
           << found.cycles << " against " << same.cycles << " cycles\n";
  RC_ASSERT(found.cycles <= 1.5 * same.cycles + 2000);
  RC_ASSERT(found.energy_pj <= 1.5 * same.energy_pj + 2e6);
}

}  // namespace
}  // namespace mxsim
