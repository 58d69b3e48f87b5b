#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/values/pruned_gradient.h"
#include "sim/cli/run_options.h"

namespace mxsim {

/// A training of `mxsim train`: a run and how its gradients are pruned.
struct TrainRun {
  std::string label;
  RunConfig config;  ///< as the chip runs it
  std::optional<OneBitTraining> one_bit = {};
};

/// The recipe of 1-bit FQT.
inline constexpr const char* kFqtRecipe = "fqt-1bit";

/// --fqt, by comma.
void add_fqt_option(CLI::App& app, std::vector<std::string>& texts);

/// "BITS[:sampled|largest|all][:channels|samples]". Throws InputError.
OneBitTraining parse_fqt(const std::string& text);

/// One run for each text of `--fqt`, in the recipe of 1-bit FQT unless the options name another.
/// Throws InputError where no layer has operands of one bit.
std::vector<TrainRun> fqt_runs(RunOptions options, const std::vector<std::string>& texts);

/// What the values of a run are computed in: gradients reach the quantizer in BF16.
RunConfig values_config(const TrainRun& run);

}  // namespace mxsim
