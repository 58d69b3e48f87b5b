// Rows that an inference looks up in tables that no group of it reads.
#include "models/values/table_rows.h"

#include <gtest/gtest.h>

#include "models/formats/format_table.h"
#include "models/values/step_executor.h"
#include "models/workload/lower.h"
#include "tests/support/small_graphs.h"

namespace mxsim {
namespace {

LoweringPolicy inference(std::int64_t batch, const std::string& format) {
  LoweringPolicy policy;
  policy.mode = Mode::kInfer;
  policy.batch = batch;
  policy.wide = parse_format("fp32");
  policy.formats.format = parse_format(format);
  return policy;
}

/// element = first + step * index
std::vector<float> ramp(std::size_t elements, float first, float step) {
  std::vector<float> values(elements);
  for (std::size_t i = 0; i < elements; ++i) values[i] = first + step * static_cast<float>(i);
  return values;
}

TEST(TableRows, AnInferenceAddsTheRowsThatNumbersAndPlacesName) {
  constexpr std::size_t kFeatures = 3;
  const Graph graph =
      GraphBuilder({2})
          .layer("words", "embedding", {"image"}, {{"entries", {7}}, {"features", {3}}})
          .layer("places", "position", {"words"}, {{"entries", {6}}, {"context", {3}}})
          .build();
  for (const std::string format : {"fp32", "mxsf"}) {
    const ArraySpec array;
    Workers workers(1);
    StepExecutor executor(lower(graph, inference(2, format)), array, workers);
    const std::vector<float> words = ramp(7 * kFeatures, 0, 1);
    const std::vector<float> places = ramp(6 * kFeatures, 100, 2);
    executor.give("words.weight", words);
    executor.give("places.weight", places);
    const std::vector<float> numbers{6, 0, 2, 6};
    executor.give("image", numbers);
    executor.run({});
    const std::vector<float> got = executor.read("places");
    ASSERT_EQ(got.size(), numbers.size() * kFeatures);
    for (std::size_t token = 0; token < numbers.size(); ++token) {
      for (std::size_t i = 0; i < kFeatures; ++i) {
        const std::size_t row = static_cast<std::size_t>(numbers[token]);
        EXPECT_EQ(got[token * kFeatures + i],
                  words[row * kFeatures + i] + places[(3 + token % 2) * kFeatures + i])
            << format << " token " << token;
      }
    }
  }
}

TEST(TableRows, TablesJoinTheListOnceAndTheMasterCopyServesWhereThereIsOne) {
  const Graph graph =
      GraphBuilder({2})
          .layer("words", "embedding", {"image"}, {{"entries", {7}}, {"features", {3}}})
          .layer("flat", "flatten", {"words"})
          .layer("loss", "cross_entropy", {"flat"})
          .build();
  const OpList inferred = with_tables(lower(graph, inference(2, "fp32")));
  EXPECT_EQ(with_tables(inferred).tensors.size(), inferred.tensors.size());
  EXPECT_EQ(tables_of_rows(inferred).size(), 1U);
  LoweringPolicy training = inference(2, "fp32");
  training.mode = Mode::kTrain;
  const OpList trained = lower(graph, training);
  EXPECT_EQ(with_tables(trained).tensors.size(), trained.tensors.size());
  EXPECT_EQ(tables_of_rows(trained).size(), 1U);
}

}  // namespace
}  // namespace mxsim
