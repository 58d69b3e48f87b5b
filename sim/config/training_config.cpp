#include "sim/config/training_config.h"

#include <array>
#include <optional>
#include <string>

#include "sim/config/format_config.h"

namespace mxsim {
namespace {

constexpr std::array<Choice<Optimizer>, 7> kOptimizerNames{
    {{"sgd", Optimizer::kSgd},
     {"sgd-momentum", Optimizer::kSgdMomentum},
     {"sgd-nesterov", Optimizer::kSgdNesterov},
     {"adam", Optimizer::kAdam},
     {"adamw", Optimizer::kAdamW},
     {"adafactor", Optimizer::kAdafactor},
     {"lion", Optimizer::kLion}}};

constexpr std::array<Choice<MasterWeights>, 3> kMasterWeightsNames{
    {{"fp32", MasterWeights::kFp32},
     {"bf16", MasterWeights::kWide},
     {"none", MasterWeights::kNone}}};

constexpr std::array<Choice<UpdatePlacement>, 3> kPlacementNames{
    {{"end", UpdatePlacement::kEnd},
     {"early", UpdatePlacement::kEarly},
     {"fused", UpdatePlacement::kFused}}};

constexpr IntegerRange kMostSegments{0, 4096};

/// The section `update`: how the optimizer works.
struct UpdateKeys {
  TrainingPolicy& policy;
};

void bind(Binder& b, UpdateKeys& s) {
  std::optional<FormatSpec> state = s.policy.state;
  bind_format(b,
              {"state", "",
               "format of the optimizer's states in DRAM; one with a block scale (mxint8) takes "
               "blocks of each row"},
              state);
  if (state) s.policy.state = *state;
  b.choice({"master_weights", "",
            "copy of each GEMM weight that the update changes: fp32, bf16, or none: the operand "
            "copies are all there is"},
           s.policy.master, kMasterWeightsNames);
  b.choice(
      {"placement", "",
       "end: after the backward pass; early: once a gradient is complete, between the backward "
       "steps of two layers, so that DRAM holds fewer gradients; fused: as results of the GEMM "
       "that makes the gradient, which DRAM then never holds"},
      s.policy.placement, kPlacementNames);
  b.flag({"clip_gradients", "",
          "scale all gradients by their common norm, summed up as they are made; of several "
          "micro-batches, by one more read of their sum"},
         s.policy.clips_gradients);
  b.number({"gradient_limit", "", "common norm above which clip_gradients scales them down"},
           s.policy.gradient_limit, {1e-12, 1e12});
  b.flag({"loss_scaling", "",
          "loss scaling: every gradient is searched for infinities and NaN before the update"},
         s.policy.scales_loss);
  b.number({"loss_scale", "", "factor of the loss under loss_scaling, the same in all steps"},
           s.policy.loss_scale, {1, 1e30});
}

}  // namespace

void bind_training(Binder& b, TrainingPolicy& s) {
  b.choice({"optimizer", "", "update of the weights in training"}, s.optimizer, kOptimizerNames);
  UpdateKeys update{s};
  b.section({"update", "", "formats and order of the weights' update"}, update);
  b.texts(
      {"recompute", "",
       "regular expressions for whole layer names: layers with the same captured text, such as "
       "(blocks\\\\.\\\\d+)\\\\..*, keep no inner activations; their backward pass computes them "
       "again from what enters them"},
      s.recompute, kMostSegments);
}

std::vector<Diagnostic> training_faults(const TrainingPolicy& training, Mode mode,
                                        std::int64_t micro_batches) {
  std::vector<Diagnostic> faults;
  const auto refuse = [&](const char* pointer, const char* message) {
    faults.push_back({"", pointer, message});
  };
  if (!trains(mode)) {
    if (!training.recompute.empty()) {
      refuse("/recompute", "inference keeps no activations for a backward pass");
    }
    return faults;
  }
  const bool at_end = training.placement == UpdatePlacement::kEnd;
  if (!at_end && training.clips_gradients) {
    refuse("/update/placement", "clip_gradients needs all gradients before the first update: end");
  }
  if (!at_end && training.scales_loss) {
    refuse("/update/placement", "loss_scaling needs all gradients before the first update: end");
  }
  if (training.placement == UpdatePlacement::kFused && micro_batches > 1) {
    refuse("/update/placement", "fused needs one micro-batch: gradients of several are added up");
  }
  return faults;
}

}  // namespace mxsim
