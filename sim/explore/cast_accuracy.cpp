#include "sim/explore/cast_accuracy.h"

#include <string>
#include <utility>
#include <vector>

#include "models/core/error.h"
#include "models/values/network.h"
#include "sim/data/dataset.h"
#include "sim/data/sample_feed.h"
#include "sim/npy/weight_archive.h"
#include "sim/train/training_job.h"

namespace mxsim {

struct CastAccuracy::Source {
  std::string path;
  NetworkTensors weights;
  Dataset data;
  std::int64_t samples = 0;
};

CastAccuracy::CastAccuracy(const QualityConfig& config, const RunConfig& run)
    : source_(std::make_shared<const Source>(
          Source{config.weights, read_weights(config.weights),
                 dataset_for(config.data, network_ends(run.workload, run_dimensions(run))),
                 config.samples})) {}

double CastAccuracy::of(RunConfig run) const {
  run.mode = Mode::kInfer;
  run.gradient_accumulation_steps = 1;
  run.data.test_samples = source_->samples;
  Workers workers(1);
  InferredNetwork network(run.workload, lowering_policy(run), run.chip.array, workers);
  try {
    network.set(source_->weights);
  } catch (const InputError& error) {
    std::vector<Diagnostic> faults = error.diagnostics();
    for (Diagnostic& fault : faults) fault.file = source_->path;
    throw InputError(std::move(faults));
  }
  return accuracy(network, SampleFeed(source_->data, SampleUse::kTest, run.data), run.batch);
}

}  // namespace mxsim
