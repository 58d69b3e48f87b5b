#pragma once

#include "models/core/rng.h"
#include "models/values/network.h"

namespace mxsim::testing {

/// Samples of Gaussian features; labels in turn.
inline Batch drawn_batch(std::int64_t samples, std::int64_t features, std::int64_t classes) {
  const CounterRng rng(3, "batch");
  Batch batch;
  for (std::int64_t i = 0; i < samples * features; ++i) {
    batch.inputs.push_back(static_cast<float>(rng.normal(static_cast<std::uint64_t>(i))));
  }
  for (std::int64_t i = 0; i < samples; ++i)
    batch.labels.push_back(static_cast<float>(i % classes));
  return batch;
}

}  // namespace mxsim::testing
