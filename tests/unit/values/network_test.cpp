// Training steps on real values: micro-batches, clipped gradients, scaled losses, optimizers.
#include "models/values/network.h"

#include <gtest/gtest.h>

#include <cmath>

#include "models/core/rng.h"
#include "models/formats/format_table.h"
#include "tests/support/drawn_batch.h"
#include "tests/support/small_graphs.h"

namespace mxsim {
namespace {

constexpr std::int64_t kBatch = 8;
constexpr std::int64_t kInputs = 6;

LoweringPolicy policy_of(TrainingPolicy training, std::int64_t micro_batches = 1) {
  LoweringPolicy policy;
  policy.batch = kBatch;
  policy.gradient_accumulation_steps = micro_batches;
  policy.training = training;
  policy.wide = parse_format("fp32");
  policy.formats.format = parse_format("fp32");
  return policy;
}

Batch drawn_batch() { return testing::drawn_batch(kBatch, kInputs, 4); }

struct Trained {
  NetworkTensors before;
  NetworkTensors after;
  float loss = 0;
};

Trained one_step(const TrainingPolicy& training, const StepSettings& settings,
                 std::int64_t micro_batches = 1) {
  const ArraySpec array;
  Workers workers(1);
  TrainedNetwork network(mlp({kInputs, 5, 4}), policy_of(training, micro_batches), array, workers);
  Trained trained;
  trained.before = network.initial(2);
  network.set(trained.before);
  trained.loss = network.train(drawn_batch(), settings);
  trained.after = network.tensors();
  return trained;
}

StepSettings plain_settings() {
  StepSettings settings;
  settings.learning_rate = 0.5;
  settings.momentum = 0;
  return settings;
}

/// Length of all updates together over the learning rate.
double update_norm(const Trained& trained, double rate) {
  double squares = 0;
  for (const auto& [name, values] : trained.after) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double change = (values[i] - trained.before.at(name)[i]) / rate;
      squares += change * change;
    }
  }
  return std::sqrt(squares);
}

TEST(TrainedNetwork, MicroBatchesGiveTheMeanGradientOfTheBatch) {
  TrainingPolicy sgd;
  sgd.optimizer = Optimizer::kSgd;
  const Trained whole = one_step(sgd, plain_settings());
  for (const std::int64_t parts : {2, 4}) {
    const Trained cut = one_step(sgd, plain_settings(), parts);
    EXPECT_NEAR(cut.loss, whole.loss, 1e-6);
    for (const auto& [name, values] : whole.after) {
      for (std::size_t i = 0; i < values.size(); ++i) {
        EXPECT_NEAR(cut.after.at(name)[i], values[i], 1e-6) << name;
      }
    }
  }
}

TEST(TrainedNetwork, ClippedGradientsHaveTheNormOfTheLimit) {
  TrainingPolicy sgd;
  sgd.optimizer = Optimizer::kSgd;
  const StepSettings settings = plain_settings();
  const double norm = update_norm(one_step(sgd, settings), settings.learning_rate);
  sgd.clips_gradients = true;
  sgd.gradient_limit = norm / 3;
  EXPECT_NEAR(update_norm(one_step(sgd, settings), settings.learning_rate), norm / 3, 1e-5);
  sgd.gradient_limit = norm * 3;
  EXPECT_NEAR(update_norm(one_step(sgd, settings), settings.learning_rate), norm, 1e-5);
}

TEST(TrainedNetwork, AScaledLossGivesTheSameParameters) {
  TrainingPolicy sgd;
  sgd.optimizer = Optimizer::kSgdMomentum;
  const Trained plain = one_step(sgd, plain_settings());
  sgd.scales_loss = true;
  EXPECT_EQ(one_step(sgd, plain_settings()).after, plain.after);
}

TEST(TrainedNetwork, AnOverflowSkipsTheUpdate) {
  TrainingPolicy adam;
  adam.optimizer = Optimizer::kAdam;
  adam.scales_loss = true;
  adam.loss_scale = 1e39;  // no FP32 number
  const Trained trained = one_step(adam, plain_settings());
  EXPECT_EQ(trained.after, trained.before);
}

TEST(TrainedNetwork, AdafactorFollowsItsFormula) {
  TrainingPolicy policy;
  policy.optimizer = Optimizer::kSgd;
  StepSettings settings = plain_settings();
  const Trained plain = one_step(policy, settings);
  policy.optimizer = Optimizer::kAdafactor;
  settings.second_momentum = 0.9;
  settings.epsilon = 1e-4;
  const Trained factored = one_step(policy, settings);
  const std::vector<float>& before = plain.before.at("fc1.weight");
  std::vector<double> gradient;
  for (std::size_t i = 0; i < before.size(); ++i) {
    gradient.push_back((before[i] - plain.after.at("fc1.weight")[i]) / settings.learning_rate);
  }
  constexpr std::size_t kRows = kInputs;
  constexpr std::size_t kCols = 5;
  std::vector<double> rows(kRows, 0);
  std::vector<double> cols(kCols, 0);
  double mean = 0;
  for (std::size_t r = 0; r < kRows; ++r) {
    for (std::size_t c = 0; c < kCols; ++c) {
      const double square = gradient[r * kCols + c] * gradient[r * kCols + c] + settings.epsilon;
      rows[r] += 0.1 * square / kCols;
      cols[c] += 0.1 * square / kRows;
      mean += 0.1 * square / kCols / kRows;
    }
  }
  for (std::size_t r = 0; r < kRows; ++r) {
    for (std::size_t c = 0; c < kCols; ++c) {
      const std::size_t i = r * kCols + c;
      const double expected =
          before[i] - settings.learning_rate * gradient[i] / std::sqrt(rows[r] * cols[c] / mean);
      EXPECT_NEAR(factored.after.at("fc1.weight")[i], expected, 2e-4 * std::abs(expected) + 1e-4);
    }
  }
}

}  // namespace
}  // namespace mxsim
