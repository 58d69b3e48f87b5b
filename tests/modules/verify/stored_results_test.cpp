// Layers' values against stored inputs and outputs of other programs: node tests of the ONNX project
// (tests/data/onnx/README.md says which) and a trained network.
#include "sim/verify/stored_results.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "models/formats/format_table.h"

namespace mxsim {
namespace {

namespace fs = std::filesystem;

void expect_stored(const fs::path& folder, const std::string& format, const Tolerance& tolerance) {
  SCOPED_TRACE(folder.filename().string());
  const StoredModel model =
      read_stored_model(folder / "model.onnx", folder / "test_data_set_0");
  for (const StoredResult& result :
       compare_stored(model, parse_format(format), tolerance)) {
    EXPECT_EQ(result.fault, "");
    EXPECT_EQ(result.outside, 0) << result.tensor << " by up to " << result.largest_error;
  }
}

TEST(StoredResults, OfOnnxNodeTestsComeOut) {
  int models = 0;
  for (const auto& entry : fs::directory_iterator(MXSIM_TEST_DATA "/onnx/node")) {
    expect_stored(entry.path(), "fp32", {});
    ++models;
  }
  EXPECT_GE(models, 40);
}

TEST(StoredResults, OfATrainedNetworkComeOut) {
  expect_stored(MXSIM_TEST_DATA "/onnx/mnist_conv", "fp32", {});
}

TEST(StoredResults, OfNarrowFormatsLieFartherAway) {
  const fs::path folder = MXSIM_TEST_DATA "/onnx/mnist_conv";
  const StoredModel model =
      read_stored_model(folder / "model.onnx", folder / "test_data_set_0");
  const auto error = [&](const char* format) {
    return compare_stored(model, parse_format(format), {}).front().largest_error;
  };
  EXPECT_LT(error("fp32"), error("bf16"));
  EXPECT_LT(error("bf16"), error("mxfp4_e2m1"));
}

}  // namespace
}  // namespace mxsim
