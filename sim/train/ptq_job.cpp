#include "sim/train/ptq_job.h"

#include <algorithm>
#include <utility>

namespace mxsim {
namespace {

/// The run's network with so many samples as its batch.
InferredNetwork network_of(const RunConfig& run, std::int64_t samples, Workers& workers) {
  LoweringPolicy policy = lowering_policy(run);
  policy.batch = samples;
  return {run.workload, std::move(policy), run.chip.array, workers};
}

DataConfig not_augmented(DataConfig data) {
  data.flip = false;
  data.shift = 0;
  return data;
}

}  // namespace

PtqJob::PtqJob(const RunConfig& before, const RunConfig& after, const Dataset& data,
               Workers& workers)
    : before_(before),
      after_(after),
      train_(data, SampleUse::kTraining, not_augmented(after.data)),
      test_(data, SampleUse::kTest, after.data),
      workers_(workers) {}

std::int64_t PtqJob::calibration_samples(std::int64_t asked) const {
  return std::min(asked, train_.count());
}

PostTraining PtqJob::quantize(const NetworkTensors& weights, const PtqSettings& settings,
                              std::int64_t samples, const Progress& progress) const {
  const std::int64_t count = calibration_samples(samples);
  InferredNetwork wide = network_of(before_, count, workers_);
  InferredNetwork narrow = network_of(after_, count, workers_);
  std::vector<std::int64_t> order = sample_order(train_.count(), after_.seed, 0);
  order.resize(static_cast<std::size_t>(count));
  std::vector<float> inputs;
  train_.gather(order, {}, inputs);
  return PostTrainingQuantizer(wide, narrow, settings, workers_).run(weights, inputs, progress);
}

Interval PtqJob::accuracy_of(const RunConfig& run, const NetworkTensors& weights) const {
  InferredNetwork network = network_of(run, run.batch, workers_);
  network.set(weights);
  return accuracy_interval({accuracy(network, test_, run.batch)}, test_.count());
}

}  // namespace mxsim
