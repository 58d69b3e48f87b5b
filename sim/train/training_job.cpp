#include "sim/train/training_job.h"

#include <algorithm>
#include <numeric>

#include "models/core/error.h"
#include "models/core/rng.h"

namespace mxsim {

std::vector<std::int64_t> sample_order(std::int64_t count, std::uint64_t seed, std::int64_t epoch) {
  const CounterRng rng(seed, "sample order " + std::to_string(epoch));
  std::vector<std::int64_t> order(static_cast<std::size_t>(count));
  std::iota(order.begin(), order.end(), 0);
  for (std::size_t i = order.size(); i-- > 1;) {
    std::swap(order[i], order[rng.bits(i) % (i + 1)]);
  }
  return order;
}

double accuracy(InferredNetwork& network, const SampleFeed& feed, std::int64_t batch) {
  const auto classes = static_cast<std::size_t>(network.classes());
  std::int64_t right = 0;
  std::int64_t seen = 0;
  std::vector<float> inputs;
  std::vector<float> labels;
  for (std::int64_t first = 0; first < feed.count(); first += batch) {
    const std::int64_t count = std::min(batch, feed.count() - first);
    std::vector<std::int64_t> numbers(static_cast<std::size_t>(batch));
    for (std::int64_t i = 0; i < batch; ++i) {  // the last sample fills the last batch
      numbers[static_cast<std::size_t>(i)] = first + std::min(i, count - 1);
    }
    feed.gather(numbers, {}, inputs);
    feed.labels(std::span(numbers).first(static_cast<std::size_t>(count)), labels);
    const std::vector<float> probabilities = network.classify(inputs);
    for (std::size_t i = 0; i < labels.size(); ++i) {
      const float* const row = probabilities.data() + i * classes;
      const auto found = std::max_element(row, row + classes) - row;
      right += found == static_cast<std::ptrdiff_t>(labels[i]) ? 1 : 0;
    }
    seen += static_cast<std::int64_t>(labels.size());
  }
  return static_cast<double>(right) / static_cast<double>(seen);
}

TrainingJob::TrainingJob(const RunConfig& config, const Dataset& data, Workers& workers,
                         std::int64_t statistics_every)
    : config_(config),
      train_(data, SampleUse::kTraining, config.data),
      test_(data, SampleUse::kTest, config.data),
      trained_(config.workload, lowering_policy(config), config.chip.array, workers),
      inferred_(config.workload, lowering_policy(config), config.chip.array, workers),
      statistics_every_(statistics_every),
      observer_(trained_.executor().ops(), workers) {}

void check_training(const RunConfig& config, const Dataset& data) {
  check_trainable(config.workload, lowering_policy(config));
  const std::int64_t count = SampleFeed(data, SampleUse::kTraining, config.data).count();
  if (config.batch <= count) return;
  throw InputError({{"", "/batch",
                     "got " + std::to_string(config.batch) + ", more than the " +
                         std::to_string(count) + " training samples"}});
}

std::int64_t TrainingJob::steps_per_epoch() const { return train_.count() / config_.batch; }

TrainingState TrainingJob::begin(std::uint64_t seed) const {
  return {trained_.initial(seed), {}, {}};
}

void TrainingJob::run_epoch(TrainingState& state, std::uint64_t seed, const Progress& progress) {
  const auto epoch = static_cast<std::int64_t>(state.epochs.size());
  const std::int64_t steps = steps_per_epoch();
  const std::int64_t total = steps * config_.learning.epochs;
  const std::vector<std::int64_t> order = sample_order(train_.count(), seed, epoch);
  trained_.set(state.tensors);
  const auto size = static_cast<std::size_t>(config_.batch);
  Batch batch;
  double loss = 0;
  for (std::int64_t step = 0; step < steps; ++step) {
    const std::span numbers(order.data() + static_cast<std::size_t>(step) * size, size);
    train_.gather(numbers, {seed, epoch}, batch.inputs);
    train_.labels(numbers, batch.labels);
    const std::int64_t done = epoch * steps + step;
    StepSettings settings = config_.learning.settings(done, total);
    settings.seed = seed;
    const bool counted = statistics_every_ > 0 && step % statistics_every_ == 0;
    trained_.executor().store().observe(counted ? &observer_ : nullptr);
    loss += trained_.train(batch, settings);
    progress(done + 1, total);
  }
  trained_.executor().store().observe(nullptr);
  if (statistics_every_ > 0) state.statistics.push_back(observer_.take());
  state.tensors = trained_.tensors();
  inferred_.set(state.tensors);
  state.epochs.push_back(
      {accuracy(inferred_, test_, config_.batch), loss / static_cast<double>(steps)});
}

}  // namespace mxsim
