#include "models/values/one_bit_backward.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "models/core/error.h"
#include "models/values/fp32_gemm.h"
#include "models/values/gemm_places.h"

namespace mxsim {
namespace {

/// Integers up to this size are exact in FP32.
constexpr double kExactInteger = 1 << 24;

bool has_one_bit(const GemmWork& work) {
  return work.format_a.element_bits == 1 && work.format_b.element_bits == 1;
}

/// "": the layer's backward GEMMs have bit planes.
std::string fault_of(const OpGroup& group, const GemmWork& work, std::int64_t samples) {
  if (work.role_a != TensorRole::kActivation || work.role_b != TensorRole::kWeight) {
    return "one-bit products of two activations have no bit planes of gradients";
  }
  if (work.products() != 1 || work.packed != 1) {
    return "one-bit gradients of grouped layers are not there";
  }
  if (work.block_a.rows != kWholeAxis || work.block_a.cols != kWholeAxis) {
    return "one-bit activations need one scale for all";
  }
  if (work.block_b.rows != kWholeAxis) {
    return "one-bit weights need one scale for each output channel, or one for all";
  }
  if (group.rows % samples != 0) return "its rows are no whole samples";
  return "";
}

std::vector<float> signs(StepMatrix<const float> matrix) {
  std::vector<float> result(static_cast<std::size_t>(matrix.rows * matrix.cols));
  std::transform(matrix.data, matrix.data + matrix.rows * matrix.cols, result.begin(),
                 [](float value) { return std::signbit(value) ? -1.0F : 1.0F; });
  return result;
}

/// The GEMMs with these operands in place of their own.
void run(const OneBitBackward& backward, StepMatrix<const float> a, StepMatrix<const float> b,
         float* result, Workers& workers) {
  const double top = std::ldexp(1.0, backward.training.bits) - 1;
  const auto pass = static_cast<std::int64_t>(kExactInteger / top);
  const StepMatrix<float> grid{result, backward.group.rows, backward.group.cols};
  for (const GemmWork& work : backward.group.gemms) {
    const Fp32Gemm gemm{work, backward.grid, a, b, grid, pass};
    multiply(gemm, workers);
  }
}

/// result[r][c] *= scale(r, c)
template <class Scale>
void scale_results(const OpGroup& group, float* result, Scale scale) {
  for (std::int64_t row = 0; row < group.rows; ++row) {
    float* const values = result + row * group.cols;
    for (std::int64_t col = 0; col < group.cols; ++col) {
      values[col] = static_cast<float>(values[col] * scale(row, col));
    }
  }
}

void multiply_data_gradient(const OneBitBackward& backward, float* result, Workers& workers) {
  const StepMatrix<const float> gradient = backward.gradient;
  std::vector<float> scaled(gradient.data, gradient.data + gradient.rows * gradient.cols);
  for (std::size_t i = 0; i < scaled.size(); ++i) {  // the first row has each channel's scale
    scaled[i] *= std::fabs(backward.forward.data[i % static_cast<std::size_t>(gradient.cols)]);
  }
  const PrunedGradient pruned = prune_gradient(scaled, gradient.cols, GradientGroups::kSamples,
                                               backward.training, backward.seed);
  const std::vector<float> weights = signs(backward.forward);
  run(backward, {pruned.steps.data(), gradient.rows, gradient.cols},
      {weights.data(), backward.forward.rows, backward.forward.cols}, result, workers);
  const std::int64_t rows_of_sample = backward.group.rows / backward.training.samples;
  scale_results(backward.group, result, [&](std::int64_t row, std::int64_t) {
    return pruned.scales[static_cast<std::size_t>(row / rows_of_sample)];
  });
}

void multiply_weight_gradient(const OneBitBackward& backward, float* result, Workers& workers) {
  const StepMatrix<const float> gradient = backward.gradient;
  const bool by_channel = backward.training.weight_gradients == GradientGroups::kChannels;
  PrunedGradient pruned = prune_gradient(
      {gradient.data, static_cast<std::size_t>(gradient.rows * gradient.cols)}, gradient.cols,
      backward.training.weight_gradients, backward.training, backward.seed);
  if (!by_channel) {  // scales along the sum: they are no factors of the result
    const std::size_t length = pruned.steps.size() / pruned.scales.size();
    for (std::size_t i = 0; i < pruned.steps.size(); ++i) {
      pruned.steps[i] = static_cast<float>(pruned.steps[i] * pruned.scales[i / length]);
    }
  }
  const std::vector<float> activations = signs(backward.forward);
  run(backward, {activations.data(), backward.forward.rows, backward.forward.cols},
      {pruned.steps.data(), gradient.rows, gradient.cols}, result, workers);
  const double scale = std::fabs(backward.forward.data[0]);
  scale_results(backward.group, result, [&](std::int64_t, std::int64_t col) {
    return by_channel ? scale * pruned.scales[static_cast<std::size_t>(col)] : scale;
  });
}

}  // namespace

std::set<std::string> one_bit_layers(const OpList& ops, std::int64_t samples) {
  std::set<std::string> layers;
  std::vector<Diagnostic> faults;
  for (const OpGroup& group : ops.groups) {
    if (group.pass != Pass::kForward) continue;
    for (const GemmWork& work : group.gemms) {
      if (!has_one_bit(work) || !layers.insert(group.layer).second) continue;
      const std::string fault = fault_of(group, work, samples);
      if (!fault.empty()) {
        faults.push_back({"", "/formats", "layer \"" + group.layer + "\": " + fault});
      }
    }
  }
  if (layers.empty()) {
    faults.push_back({"", "/formats",
                      "no layer multiplies weights and activations of one bit; recipe fqt-1bit "
                      "does"});
  }
  if (!faults.empty()) throw InputError(std::move(faults));
  return layers;
}

void multiply(const OneBitBackward& backward, float* result, Workers& workers) {
  const bool data = like(backward.group.pass) == Pass::kBackwardData;
  (data ? multiply_data_gradient : multiply_weight_gradient)(backward, result, workers);
}

std::vector<PlaneCost> plane_costs(const OpList& ops, const OneBitTraining& training) {
  const std::set<std::string> layers = one_bit_layers(ops, training.samples);
  std::vector<PlaneCost> costs;
  for (const OpGroup& group : ops.groups) {
    if (like(group.pass) == Pass::kForward || group.gemms.empty()) continue;
    if (!layers.contains(group.layer)) continue;
    const bool by_channel = group.pass == Pass::kBackwardWeight &&
                            training.weight_gradients == GradientGroups::kChannels;
    PlaneCost& cost = costs.emplace_back();
    cost.layer = group.layer;
    cost.pass = group.pass;
    cost.groups = by_channel ? group.gemms.front().n : training.samples;
    cost.kept = kept_groups(cost.groups, training);
    for (const GemmWork& work : group.gemms) cost.macs += work.macs();
  }
  return costs;
}

}  // namespace mxsim
