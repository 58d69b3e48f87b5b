#include "sim/train/training_job.h"

#include <algorithm>
#include <cctype>
#include <numeric>

#include "models/core/error.h"
#include "models/core/rng.h"
#include "models/workload/graph_expansion.h"
#include "models/workload/lower.h"
#include "models/workload/skip_connections.h"
#include "sim/train/teacher.h"

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

double accuracy(InferredNetwork& network, const SampleFeed& feed, std::int64_t batch,
                std::vector<float>* kept) {
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
    if (kept != nullptr) {
      kept->insert(kept->end(), probabilities.begin(),
                   probabilities.begin() + static_cast<std::ptrdiff_t>(labels.size() * classes));
    }
  }
  return static_cast<double>(right) / static_cast<double>(seen);
}

TrainingJob::TrainingJob(const RunConfig& config, const Dataset& data, Workers& workers,
                         const Retraining& retraining, std::int64_t statistics_every)
    : config_(config),
      workers_(workers),
      retraining_(retraining),
      train_(data, SampleUse::kTraining, config.data),
      test_(data, SampleUse::kTest, config.data),
      statistics_every_(statistics_every) {
  for (const SkipOutcome& each : skip_outcomes(config.workload, run_dimensions(config))) {
    changeable_ += each.changed ? 1 : 0;
  }
  enter_epoch(0);
}

std::optional<std::size_t> TrainingJob::changed_skips(std::size_t epoch) const {
  const auto epochs = static_cast<std::size_t>(retraining_.skip_epochs);
  if (epoch + 1 >= epochs || changeable_ == 0) return std::nullopt;
  return (changeable_ * (epoch + 1) + epochs - 1) / epochs;
}

void TrainingJob::enter_epoch(std::size_t epoch) {
  const std::optional<std::size_t> changed = changed_skips(epoch);
  if (trained_ && changed == changed_) return;
  changed_ = changed;
  LoweringPolicy policy = lowering_policy(config_);
  Graph graph = config_.workload;
  if (changed) {
    graph = change_skips(expand_blocks(graph, policy.dimensions), changed).graph;
    policy.dimensions.clear();
  }
  inferred_ = std::make_unique<InferredNetwork>(graph, policy, config_.chip.array, workers_);
  if (retraining_.teacher != nullptr) {
    graph = taught_graph(std::move(graph), *retraining_.teaching);
  }
  build_trained(graph, policy);
  gemm_layers_.clear();
  for (const ShapedLayer& layer : shape_graph(graph, 1, policy.dimensions).layers) {
    if (forward_macs(layer) > 0) gemm_layers_.push_back(layer.name);
  }
  graph_ = std::move(graph);
}

namespace {

/// An expression that matches this name alone.
std::string exact_pattern(const std::string& name) {
  std::string pattern;
  for (const char c : name) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
    pattern += (plain ? "" : "\\") + std::string(1, c);
  }
  return pattern;
}

}  // namespace

void TrainingJob::draw_formats(std::uint64_t seed, std::int64_t step) {
  const std::vector<FormatSpec>& choices = retraining_.drawn_formats;
  LoweringPolicy policy = lowering_policy(config_);
  if (changed_) policy.dimensions.clear();
  const CounterRng rng(seed, "formats of step " + std::to_string(step));
  std::vector<FormatOverride> drawn;
  for (std::size_t i = 0; i < gemm_layers_.size(); ++i) {
    const FormatSpec& format = choices[rng.bits(i) % choices.size()];
    FormatOverride each;
    each.layers = exact_pattern(gemm_layers_[i]);
    each.weights = format;
    each.activations = format;
    drawn.push_back(std::move(each));
  }
  std::vector<FormatOverride>& overrides = policy.formats.overrides;
  overrides.insert(overrides.end(), drawn.begin(), drawn.end());
  const NetworkTensors tensors = trained_->tensors();
  build_trained(graph_, policy);
  trained_->set(tensors);
}

void TrainingJob::build_trained(const Graph& graph, const LoweringPolicy& policy) {
  trained_ = std::make_unique<TrainedNetwork>(graph, policy, config_.chip.array, workers_);
  if (retraining_.straight_through) trained_->executor().store().follow_forward();
  if (retraining_.one_bit) trained_->executor().store().train_in_one_bit(*retraining_.one_bit);
  observer_.emplace(trained_->executor().ops(), workers_);
}

void check_training(const RunConfig& config, const Dataset& data) {
  check_trainable(config.workload, lowering_policy(config));
  const std::int64_t count = SampleFeed(data, SampleUse::kTraining, config.data).count();
  if (config.batch <= count) return;
  throw InputError({{"", "/batch",
                     "got " + std::to_string(config.batch) + ", more than the " +
                         std::to_string(count) + " training samples"}});
}

std::vector<PlaneCost> one_bit_costs(const RunConfig& config, const OneBitTraining& training) {
  LoweringPolicy policy = lowering_policy(config);
  policy.mode = Mode::kTrain;
  policy.array.reset();
  return plane_costs(lower(config.workload, policy), training);
}

std::int64_t TrainingJob::steps_per_epoch() const { return train_.count() / config_.batch; }

TrainingState TrainingJob::begin(std::uint64_t seed) {
  enter_epoch(0);
  NetworkTensors tensors = trained_->initial(seed);
  if (retraining_.teacher != nullptr) {
    tensors = taught_start(std::move(tensors), *retraining_.start, retraining_.teacher->config());
  }
  return {std::move(tensors), {}, {}};
}

void TrainingJob::run_epoch(TrainingState& state, std::uint64_t seed, const Progress& progress) {
  const auto epoch = static_cast<std::int64_t>(state.epochs.size());
  enter_epoch(state.epochs.size());
  const std::int64_t steps = steps_per_epoch();
  const std::int64_t total = steps * config_.learning.epochs;
  const std::vector<std::int64_t> order = sample_order(train_.count(), seed, epoch);
  trained_->set(state.tensors);
  const auto size = static_cast<std::size_t>(config_.batch);
  Batch batch;
  double loss = 0;
  for (std::int64_t step = 0; step < steps; ++step) {
    const std::span numbers(order.data() + static_cast<std::size_t>(step) * size, size);
    train_.gather(numbers, {seed, epoch}, batch.inputs);
    train_.labels(numbers, batch.labels);
    const std::int64_t done = epoch * steps + step;
    if (!retraining_.drawn_formats.empty()) draw_formats(seed, done);
    StepSettings settings = config_.learning.settings(done, total);
    settings.seed = seed;
    if (retraining_.teacher != nullptr) {
      batch.teacher = retraining_.teacher->scores(batch.inputs);
    }
    const bool counted = statistics_every_ > 0 && step % statistics_every_ == 0;
    trained_->executor().store().observe(counted ? &*observer_ : nullptr);
    loss += trained_->train(batch, settings);
    progress(done + 1, total);
  }
  trained_->executor().store().observe(nullptr);
  if (statistics_every_ > 0) state.statistics.push_back(observer_->take());
  state.tensors = trained_->tensors();
  inferred_->set(state.tensors);
  state.epochs.push_back(
      {accuracy(*inferred_, test_, config_.batch), loss / static_cast<double>(steps)});
}

}  // namespace mxsim
