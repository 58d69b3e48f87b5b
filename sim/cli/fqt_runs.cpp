#include "sim/cli/fqt_runs.h"

#include <CLI/CLI.hpp>
#include <charconv>
#include <map>

#include "models/core/error.h"
#include "sim/train/ptq_formats.h"
#include "sim/train/training_job.h"

namespace mxsim {
namespace {

const std::map<std::string, GradientPruning> kPrunings{{"sampled", GradientPruning::kSampled},
                                                       {"largest", GradientPruning::kLargest},
                                                       {"all", GradientPruning::kNone}};
const std::map<std::string, GradientGroups> kGroups{{"channels", GradientGroups::kChannels},
                                                    {"samples", GradientGroups::kSamples}};

[[noreturn]] void fail(const std::string& text) {
  throw InputError("--fqt: got \"" + text +
                   "\", expected BITS[:sampled|largest|all][:channels|samples], BITS 1 to " +
                   std::to_string(kMostGradientBits));
}

int bits_of(const std::string& text, const std::string& number) {
  int bits = 0;
  const char* const end = number.data() + number.size();
  const auto [past, error] = std::from_chars(number.data(), end, bits);
  if (error != std::errc{} || past != end || bits < 1 || bits > kMostGradientBits) fail(text);
  return bits;
}

}  // namespace

void add_fqt_option(CLI::App& app, std::vector<std::string>& texts) {
  app.add_option("--fqt", texts,
                 "1-bit fully quantized training, by comma a training each: "
                 "BITS[:sampled|largest|all][:channels|samples]; in recipe fqt-1bit, or --recipe. "
                 "Backward GEMMs of layers with one-bit operands multiply gradients of BITS bits "
                 "of one sample (data gradients) or channel (weight gradients; or sample) in BITS, "
                 "drawn or the largest, or of all")
      ->delimiter(',');
}

OneBitTraining parse_fqt(const std::string& text) {
  OneBitTraining training;
  std::size_t colon = text.find(':');
  training.bits = bits_of(text, text.substr(0, colon));
  bool has_pruning = false;
  bool has_groups = false;
  while (colon != std::string::npos) {
    const std::size_t begin = colon + 1;
    colon = text.find(':', begin);
    const std::string word = text.substr(begin, colon - begin);
    const auto pruning = kPrunings.find(word);
    const auto groups = kGroups.find(word);
    if (pruning != kPrunings.end() && !has_pruning && !has_groups) {
      training.pruning = pruning->second;
      has_pruning = true;
    } else if (groups != kGroups.end() && !has_groups) {
      training.weight_gradients = groups->second;
      has_groups = true;
    } else {
      fail(text);
    }
  }
  return training;
}

std::vector<TrainRun> fqt_runs(RunOptions options, const std::vector<std::string>& texts) {
  std::vector<OneBitTraining> trainings;
  for (const std::string& text : texts) trainings.push_back(parse_fqt(text));
  if (texts.empty()) return {};
  if (options.recipe.empty()) options.recipe = kFqtRecipe;
  const RunConfig config = load_run(options);
  std::vector<TrainRun> runs;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    TrainRun& run = runs.emplace_back();
    run.label = options.recipe + "+" + texts[i];
    run.config = config;
    run.one_bit = trainings[i];
    run.one_bit->samples = config.batch / config.gradient_accumulation_steps;
    check_formats(values_config(run), options.file);
    one_bit_costs(run.config, *run.one_bit);
  }
  return runs;
}

RunConfig values_config(const TrainRun& run) {
  return run.one_bit ? with_wide_gradients(run.config) : run.config;
}

}  // namespace mxsim
