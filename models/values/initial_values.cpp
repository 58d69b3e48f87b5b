#include "models/values/initial_values.h"

#include <cmath>

#include "models/core/rng.h"

namespace mxsim {

std::vector<float> initial_values(const ParameterSpec& spec, std::uint64_t seed,
                                  const std::string& name) {
  constexpr double kSmallDeviation = 0.02;
  std::vector<float> values(static_cast<std::size_t>(spec.rows * spec.cols));
  const auto fill = [&](float value) { values.assign(values.size(), value); };
  const auto draw = [&](double deviation) {
    const CounterRng rng(seed, "initial " + name);
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = static_cast<float>(rng.normal(i) * deviation);
    }
  };
  switch (spec.initial) {
    case InitialValues::kScaledNormal:
      draw(std::sqrt(2.0 / static_cast<double>(spec.rows)));
      break;
    case InitialValues::kNormal:
      draw(kSmallDeviation);
      break;
    case InitialValues::kZeros:
      fill(0.0F);
      break;
    case InitialValues::kOnes:
      fill(1.0F);
      break;
    case InitialValues::kQuarter:
      fill(0.25F);
      break;
  }
  return values;
}

}  // namespace mxsim
