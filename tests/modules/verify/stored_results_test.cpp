// Values of imported models against results that NumPy computed (scripts/make_onnx_samples.py).
#include "sim/verify/stored_results.h"

#include <gtest/gtest.h>

#include "models/formats/format_table.h"

namespace mxsim {
namespace {

const std::string kFolder = MXSIM_TEST_DATA "/import/made/";

TEST(StoredResults, RecurrentLayersComputeWhatTheirFormulasSay) {
  const StoredModel model =
      read_stored_model(kFolder + "recurrent.onnx", kFolder + "recurrent_data");
  const std::vector<StoredResult> results =
      compare_stored(model, plain_policy(parse_format("fp32")), {}, Tolerance{1e-5, 1e-6});
  ASSERT_EQ(results.size(), 1U);
  EXPECT_EQ(results[0].fault, "");
  EXPECT_EQ(results[0].elements, 4);
  EXPECT_EQ(results[0].outside, 0) << results[0].largest_error;
  EXPECT_GT(compare_stored(model, plain_policy(parse_format("int4")), {}, Tolerance{1e-5, 1e-6})[0]
                .outside,
            0);
}

TEST(StoredResults, WindowsOverThreeAxesComputeWhatNumPyDoes) {
  const StoredModel model = read_stored_model(kFolder + "volumes.onnx", kFolder + "volumes_data");
  const std::vector<StoredResult> results =
      compare_stored(model, plain_policy(parse_format("fp32")), {}, Tolerance{1e-4, 1e-5});
  ASSERT_EQ(results.size(), 1U);
  EXPECT_EQ(results[0].fault, "");
  EXPECT_EQ(results[0].outside, 0) << results[0].largest_error;
}

TEST(StoredResults, SharedConvolutionsAndGroupNormsComputeWhatNumPyDoes) {
  const StoredModel model = read_stored_model(kFolder + "shared.onnx", kFolder + "shared_data");
  const std::vector<StoredResult> results =
      compare_stored(model, plain_policy(parse_format("fp32")), {}, Tolerance{1e-4, 1e-5});
  ASSERT_EQ(results.size(), 1U);
  EXPECT_EQ(results[0].fault, "");
  EXPECT_EQ(results[0].elements, 4 * 5 * 6);
  EXPECT_EQ(results[0].outside, 0) << results[0].largest_error;
}

TEST(StoredResults, NetworksThatNearlyAreAPatternComputeWhatNumPyDoes) {
  const StoredModel model =
      read_stored_model(kFolder + "lookalikes.onnx", kFolder + "lookalikes_data");
  const std::vector<StoredResult> results =
      compare_stored(model, plain_policy(parse_format("fp32")), {}, Tolerance{1e-4, 1e-5});
  ASSERT_EQ(results.size(), 20U);
  for (const StoredResult& result : results) {
    EXPECT_EQ(result.fault, "") << result.tensor;
    EXPECT_EQ(result.outside, 0) << result.tensor << ": " << result.largest_error;
  }
}

}  // namespace
}  // namespace mxsim
