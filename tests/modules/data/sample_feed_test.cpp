// What becomes of samples between the data set and the network.
#include "sim/data/sample_feed.h"

#include <gmock/gmock.h>

#include <cmath>

#include "models/core/error.h"
#include "sim/data/text_tokens.h"
#include "tests/support/diagnostics.h"
#include "tests/support/temporary_folder.h"

namespace mxsim {
namespace {

/// Images of 2 x 3 pixels and one channel whose elements count through.
Dataset counted(std::int64_t samples) {
  Dataset data;
  std::vector<float> values;
  for (std::int64_t i = 0; i < samples * 6; ++i) values.push_back(static_cast<float>(i + 1));
  data.train.shape = {1, 2, 3};
  data.train.values = values;
  data.train.labels.resize(static_cast<std::size_t>(samples));
  data.test = data.train;
  data.normalisation = {{0.0F}, {1.0F}};
  return data;
}

std::vector<float> gathered(const SampleFeed& feed, std::int64_t number, std::int64_t epoch = 0) {
  std::vector<float> values;
  feed.gather(std::vector<std::int64_t>{number}, {1, epoch}, values);
  return values;
}

TEST(SampleFeed, TakesTheFirstSamples) {
  const Dataset data = counted(5);
  EXPECT_EQ(SampleFeed(data, SampleUse::kTraining, {}).count(), 5);
  DataConfig config;
  config.train_samples = 3;
  config.test_samples = 9;
  EXPECT_EQ(SampleFeed(data, SampleUse::kTraining, config).count(), 3);
  EXPECT_EQ(SampleFeed(data, SampleUse::kTest, config).count(), 5);
}

TEST(SampleFeed, MultipliesSamplesByPowersOfTwoWithinTheOctaves) {
  const Dataset data = counted(200);
  DataConfig config;
  config.sample_octaves = 3;
  const SampleFeed feed(data, SampleUse::kTest, config);
  std::map<int, int> exponents;
  for (std::int64_t n = 0; n < 200; ++n) {
    const std::vector<float> values = gathered(feed, n);
    const int exponent = std::ilogb(values[0] / static_cast<float>(6 * n + 1));
    for (std::size_t i = 0; i < 6; ++i) {
      EXPECT_EQ(values[i],
                std::ldexp(static_cast<float>(6 * n) + static_cast<float>(i) + 1, exponent));
    }
    ++exponents[exponent];
  }
  EXPECT_EQ(exponents.size(), 7U);
  EXPECT_EQ(exponents.begin()->first, -3);
  for (const auto& [exponent, count] : exponents) EXPECT_GT(count, 10) << exponent;
}

TEST(SampleFeed, MultipliesElementsAlikeInAllSamples) {
  const Dataset data = counted(2);
  DataConfig config;
  config.element_octaves = 5;
  const std::vector<float> first = gathered(SampleFeed(data, SampleUse::kTraining, config), 0);
  const std::vector<float> second = gathered(SampleFeed(data, SampleUse::kTest, config), 1);
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_EQ(first[i] / (static_cast<float>(i) + 1), second[i] / (static_cast<float>(i) + 7));
  }
}

TEST(SampleFeed, MirrorsAndShiftsTrainingImagesAlone) {
  const Dataset data = counted(1);
  DataConfig config;
  config.flip = true;
  const SampleFeed training(data, SampleUse::kTraining, config);
  bool mirrored = false;
  bool kept = false;
  for (std::int64_t epoch = 0; epoch < 30; ++epoch) {
    const std::vector<float> values = gathered(training, 0, epoch);
    mirrored = mirrored || values == std::vector<float>{3, 2, 1, 6, 5, 4};
    kept = kept || values == std::vector<float>{1, 2, 3, 4, 5, 6};
  }
  EXPECT_TRUE(mirrored && kept);
  config.flip = false;
  config.shift = 1;
  const SampleFeed shifted(data, SampleUse::kTraining, config);
  bool down = false;
  for (std::int64_t epoch = 0; epoch < 60; ++epoch) {
    down = down || gathered(shifted, 0, epoch) == std::vector<float>{0, 0, 0, 1, 2, 3};
  }
  EXPECT_TRUE(down);
  EXPECT_EQ(gathered(SampleFeed(data, SampleUse::kTest, config), 0, 3),
            (std::vector<float>{1, 2, 3, 4, 5, 6}));
}

TEST(TextTokens, AreBytesEachFollowedByItsLabel) {
  TemporaryFolder folder;
  std::string text;
  for (int i = 0; i < 41; ++i) text += static_cast<char>('a' + i % 26);
  const std::string path = folder.write("text.txt", text);
  const Dataset data = read_text_tokens(path, 4);
  EXPECT_EQ(data.train.count(), 9);
  EXPECT_EQ(data.test.count(), 1);
  const SampleFeed feed(data, SampleUse::kTraining, {});
  EXPECT_EQ(gathered(feed, 1), (std::vector<float>{'e', 'f', 'g', 'h'}));
  std::vector<float> labels;
  feed.labels(std::vector<std::int64_t>{1}, labels);
  EXPECT_EQ(labels, (std::vector<float>{'f', 'g', 'h', 'i'}));
  EXPECT_EQ(
      fault_lines([&] { read_text_tokens(path, 5); }),
      std::vector<std::string>{path + ": holds 41 bytes, expected at least 51: ten samples of "
                                      "5 tokens"});
}

}  // namespace
}  // namespace mxsim
