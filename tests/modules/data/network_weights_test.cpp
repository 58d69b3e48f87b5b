#include "sim/data/network_weights.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "models/formats/format_table.h"
#include "models/values/weight_statistics.h"
#include "models/workload/shaped_graph.h"
#include "sim/npy/npz_file.h"
#include "sim/npy/weight_archive.h"
#include "sim/output/output_file.h"
#include "tests/support/diagnostics.h"
#include "tests/support/temporary_folder.h"

namespace mxsim {
namespace {

using Lines = std::vector<std::string>;

const std::string kFolder = MXSIM_TEST_DATA "/import/made/";

TEST(NetworkWeights, AreThoseOfTheModelAndOfTheFileBesideIt) {
  const WeightedImport imported = import_weighted(kFolder + "weighted.onnx", {});
  EXPECT_TRUE(imported.weights.unknown.empty());
  const NetworkTensors& tensors = imported.weights.tensors;
  ASSERT_EQ(tensors.size(), 3U);
  // Rows (tap, channel), columns output channels; the file holds output, channel, tap as FP32
  // behind 4 bytes.
  std::ifstream in(kFolder + "weighted.bin", std::ios::binary);
  in.seekg(4);
  std::vector<float> file(4 * 27);
  in.read(reinterpret_cast<char*>(file.data()), static_cast<std::streamsize>(file.size() * 4));
  const std::vector<float>& kernel = tensors.at("conv.weight");
  ASSERT_EQ(kernel.size(), file.size());
  for (std::size_t o = 0; o < 4; ++o) {
    for (std::size_t c = 0; c < 3; ++c) {
      for (std::size_t t = 0; t < 9; ++t) {
        EXPECT_EQ(kernel[(t * 3 + c) * 4 + o], file[(o * 3 + c) * 9 + t]);
      }
    }
  }
}

TEST(NetworkWeights, StatisticsAreThoseOfTheNumbers) {
  const WeightedNetwork network = load_weighted(kFolder + "weighted.onnx", "", {});
  const std::vector<FormatSpec> formats{parse_format("bf16"), parse_format("int4")};
  const NetworkWeightStatistics statistics =
      weight_statistics(shape_graph(network.graph, 1), network.weights.tensors, formats);
  ASSERT_EQ(statistics.layers.size(), 2U);
  EXPECT_EQ(statistics.layers[1].name, "fc.weight");
  EXPECT_EQ(statistics.layers[1].zeros, 160);  // every fourth of 640
  EXPECT_EQ(statistics.all.elements, 108 + 640);
  // BF16 by hand: the upper half of the word, to nearest even.
  double signal = 0;
  double noise = 0;
  for (const float value : network.weights.tensors.at("fc.weight")) {
    const int exponent = value == 0 ? 0 : std::ilogb(value);
    const double step = std::ldexp(1.0, exponent - 7);
    const double rounded = std::nearbyint(value / step) * step;
    signal += static_cast<double>(value) * value;
    noise += (value - rounded) * (value - rounded);
  }
  EXPECT_NEAR(*statistics.layers[1].formats[0].sqnr_db, 10 * std::log10(signal / noise), 1e-9);
  EXPECT_GT(statistics.layers[1].formats[1].zeros, 160);
  EXPECT_LT(*statistics.layers[1].formats[1].sqnr_db, *statistics.layers[1].formats[0].sqnr_db);
}

TEST(NetworkWeights, GoThroughAnArchive) {
  const TemporaryFolder folder;
  const std::string archive = (folder.path() / "w.npz").string();
  const NetworkTensors tensors = import_weighted(kFolder + "weighted.onnx", {}).weights.tensors;
  write_file(archive, weights_bytes(archive, tensors));
  EXPECT_EQ(load_weights(archive), tensors);
  EXPECT_EQ(load_weights(kFolder + "weighted.onnx"), tensors);
  NetworkTensors wrong = tensors;
  wrong["fc.weight"].pop_back();
  const Graph graph = load_weighted(kFolder + "weighted.onnx", archive, {}).graph;
  const std::vector<FormatSpec> formats{parse_format("bf16")};
  EXPECT_EQ(fault_lines([&] { weight_statistics(shape_graph(graph, 1), wrong, formats); }),
            Lines{"\"fc.weight\" has 639 elements, expected 640"});
}

TEST(NetworkWeights, DamagedExternalDataIsRefusedInALine) {
  const auto faults = [](const std::string& name) {
    return fault_lines([&] { import_weighted(kFolder + name, {}); });
  };
  EXPECT_EQ(faults("missing_weights.onnx"),
            Lines{kFolder + "missing_weights.onnx: initializer \"w\": external data "
                            "\"nowhere.bin\": no such file"});
  EXPECT_EQ(faults("short_weights.onnx"),
            Lines{kFolder + "short_weights.onnx: initializer \"w\": external data \"weighted.bin\" "
                            "has 436 bytes, expected 128 from byte 400 on"});
  EXPECT_EQ(faults("outside.onnx").size(), 1U);
}

}  // namespace
}  // namespace mxsim
