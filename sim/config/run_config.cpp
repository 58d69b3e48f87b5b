#include "sim/config/run_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "models/arithmetic/exact_sums.h"
#include "models/formats/format_table.h"
#include "models/mapping/search/pin_faults.h"
#include "models/memory/built_buffer.h"
#include "models/workload/assumed_loss.h"
#include "models/workload/layer_kind.h"
#include "models/workload/lower.h"
#include "sim/config/choices.h"
#include "sim/config/format_config.h"
#include "sim/config/format_definition_config.h"
#include "sim/config/load.h"
#include "sim/config/mapping_config.h"
#include "sim/config/skip_config.h"
#include "sim/config/trace_reader.h"
#include "sim/config/training_config.h"

namespace mxsim {
namespace {

void check_kept_bytes(const RunConfig& run, std::vector<Diagnostic>& faults) {
  const auto part = geometry_of(Unit::kSramInput, built_buffers(run.chip.buffers, {}));
  if (!part || run.mapping.kept_bytes() < part->bytes()) return;
  faults.push_back({"", "/mapping/keep_on_chip_bytes",
                    fmt::format("got {}, expected less than the {} bytes for activations",
                                run.mapping.kept_bytes().count(), part->bytes().count())});
}

void check_micro_batches(const RunConfig& run, std::vector<Diagnostic>& faults) {
  const std::int64_t steps = run.gradient_accumulation_steps;
  const auto refuse = [&](const std::string& expected) {
    faults.push_back(
        {"", "/gradient_accumulation_steps", fmt::format("got {}, expected {}", steps, expected)});
  };
  if (steps > 1 && !trains(run.mode)) {
    refuse("1: inference has no gradients");
  } else if (run.batch % steps != 0) {
    refuse(fmt::format("a divisor of the batch of {}", run.batch));
  }
}

void check_request(const RunConfig& run, std::vector<Diagnostic>& faults) {
  if (run.generate == 0 && run.prompt == 0) return;
  if (run.generate == 0 || run.prompt == 0) {
    faults.push_back({"", run.prompt == 0 ? "/prompt" : "/generate",
                      "got 0, expected 1 or more: a request has a prompt and generates tokens"});
  }
  if (trains(run.mode)) {
    faults.push_back({"", "/mode", "got \"train\", expected infer: a request is inference"});
  }
  if (!is_language_model(run.workload)) {
    faults.push_back({"", "/prompt",
                      fmt::format("needs a language model: a trace with the dimensions {} and {}",
                                  kSequence, kContext)});
  }
  for (const char* name : {kSequence, kContext}) {
    if (!run.dimensions.contains(name)) continue;
    faults.push_back({"", fmt::format("/dimensions/{}", name),
                      "stands beside a request, whose prompt and generate say how many tokens each "
                      "step has"});
  }
}

/// Sizes that leave nothing to run.
void check_dimensions(const RunConfig& run, std::vector<Diagnostic>& faults) {
  const auto tokens = run.dimensions.find(kSequence);
  if (tokens == run.dimensions.end() || tokens->second > 0) return;
  faults.push_back({"", fmt::format("/dimensions/{}", kSequence),
                    "got 0, expected 1 or more: tokens of a step"});
}

void check_mode(const RunConfig& run, std::vector<Diagnostic>& faults) {
  const bool by_tokens = run.mode == Mode::kPrefill || run.mode == Mode::kDecode;
  if (!by_tokens || is_language_model(run.workload)) return;
  faults.push_back({"", "/mode",
                    fmt::format("got \"{}\", which needs a language model: a trace with the "
                                "dimensions {} and {}",
                                choice_name(run.mode, kModeNames), kSequence, kContext)});
}

}  // namespace

void bind(Binder& b, ZeroShare& s) {
  b.text({"layers", "", "regular expression for whole layer names; left out: all layers"},
         s.layers);
  bind_passes(b, s.passes);
  b.number({"weights", "ratio", "zeros among the elements of weights"}, s.weights, {0, 1});
  b.number({"activations", "ratio", "zeros among those of activations"}, s.activations, {0, 1});
  b.number({"gradients", "ratio", "zeros among those of gradients to activations"}, s.gradients,
           {0, 1});
}

void bind(Binder& b, RunConfig& s) {
  b.reference({"chip", "", "chip", Presence::kRequired}, s.chip);
  b.reference({"workload", "", "trace of the network", Presence::kRequired}, s.workload);
  bind_skips(b, s.workload);
  b.choice({"mode", "",
            "a training step or inference; of a language model, inference of a prompt (prefill) or "
            "of one more token (decode)",
            Presence::kRequired},
           s.mode, kModeNames);
  if (trains(s.mode)) s.workload = with_assumed_loss(s.workload);
  b.integer({"batch", "images", "batch size: images, or requests"}, s.batch, {1, 65536});
  bind_dimensions(b,
                  {"dimensions", "elements",
                   "sizes of the network by name, in place of the trace's: seq, context"},
                  s.dimensions);
  b.integer({"prompt", "tokens",
             "of a language model: prompt of a request, which is run as a whole (with generate)"},
            s.prompt, {0, kLargestExtent});
  b.integer({"generate", "tokens",
             "generated by the request, the first one by the prefill; 0: one step in mode"},
            s.generate, {0, kLargestExtent});
  if (s.generate > 0 && b.outdated("dimensions", "generate")) {
    for (const char* name : {kSequence, kContext}) s.dimensions.erase(name);
  }
  b.integer(
      {"gradient_accumulation_steps", "",
       "micro-batches of a training step: the batch is worked through in so many equal parts, "
       "one after another, and the weights are updated once, with the sum of their gradients"},
      s.gradient_accumulation_steps, {1, 65536});
  if (!trains(s.mode) && b.outdated("gradient_accumulation_steps", "mode")) {
    s.gradient_accumulation_steps = 1;
  }
  bind_training(b, s.training);
  FormatsSection formats{s.defined_formats, s.formats};
  b.section({"formats", "", "number formats"}, formats);
  b.list({"zeros", "",
          "shares of zero elements that zero gating skips products by; the first match decides, "
          "without one no product is skipped"},
         s.zeros);
  b.section({"mapping", "", "how the work is laid out on the chip"}, s.mapping);
  b.choice({"fidelity", "", "tile: closed forms; pe: every PE with its bits"}, s.fidelity,
           kFidelityNames);
  b.integer({"seed", "", "seed of all drawn values"}, s.seed);
  b.section({"training", "", "how mxsim train trains on data; changes no cycle and no count"},
            s.learning);
  b.section(
      {"data", "", "what mxsim train and eval do with samples; changes no cycle and no count"},
      s.data);
}

LoweringPolicy lowering_policy(const RunConfig& run) {
  return {run.mode,       run.batch,   run.gradient_accumulation_steps,
          run.training,   run.formats, parse_format("bf16"),
          run.chip.array, run.zeros,   run_dimensions(run)};
}

Dimensions run_dimensions(const RunConfig& run) {
  Dimensions sizes = run.dimensions;
  const auto fix = [&](const char* name, std::int64_t size) {
    if (run.workload.dimensions.contains(name)) sizes.emplace(name, size);
  };
  if (!is_language_model(run.workload)) return sizes;
  if (run.mode == Mode::kTrain || run.mode == Mode::kPrefill) fix(kContext, 0);
  if (run.mode == Mode::kDecode) fix(kSequence, 1);
  if (run.mode == Mode::kTrain) fix(kLogits, 0);
  if (run.mode == Mode::kPrefill || run.mode == Mode::kDecode) fix(kLogits, 1);
  return sizes;
}

RunConfig request_phase(const RunConfig& run, Mode mode, std::int64_t tokens,
                        std::int64_t context) {
  RunConfig phase = run;
  phase.mode = mode;
  phase.prompt = 0;
  phase.generate = 0;
  phase.dimensions[kSequence] = tokens;
  phase.dimensions[kContext] = context;
  return phase;
}

bool is_language_model(const Graph& workload) {
  return workload.dimensions.contains(kSequence) && workload.dimensions.contains(kContext);
}

namespace {

std::vector<Diagnostic> pinned_faults(const RunConfig& run, const OpList& ops) {
  std::vector<Diagnostic> faults;
  const MapperChip chip =
      mapper_chip(run.chip, dram_device(run.chip.dram), ops, run.mapping.kept_bytes());
  for (const PinFault& fault : pin_faults(run.mapping.pinned, ops, chip)) {
    faults.push_back({"", "/mapping/pinned/" + std::to_string(fault.pin), fault.message});
  }
  return faults;
}

}  // namespace

/// Of the layers whose exact sums are too long for the PEs, the first one.
void check_exact_sums(const RunConfig& run, const OpList& ops, std::vector<Diagnostic>& faults) {
  for (const OpGroup& group : ops.groups) {
    for (const GemmWork& work : group.gemms) {
      const std::int64_t terms =
          std::min({std::max(work.block_a.rows, work.block_a.cols),
                    std::max(work.block_b.rows, work.block_b.cols), work.gemm_k()});
      std::string fault = sum_fault(run.chip.array, work.format_a, work.format_b, terms);
      if (fault.empty()) continue;
      faults.push_back({"", "/chip/array/accumulator", group.layer + ": " + std::move(fault)});
      return;
    }
  }
}

/// Of a request's first and longest step.
std::vector<Diagnostic> request_faults(const RunConfig& run) {
  for (const Mode mode : {Mode::kPrefill, Mode::kDecode}) {
    std::vector<Diagnostic> faults = validate(request_phase(
        run, mode, mode == Mode::kPrefill ? run.prompt : 1,
        mode == Mode::kPrefill ? 0 : run.prompt + std::max<std::int64_t>(0, run.generate - 2)));
    if (!faults.empty()) return faults;
  }
  return {};
}

std::vector<Diagnostic> validate(const RunConfig& run) {
  std::vector<Diagnostic> faults = below("/chip", validate(run.chip));
  if (faults.empty()) check_kept_bytes(run, faults);
  check_micro_batches(run, faults);
  check_mode(run, faults);
  check_request(run, faults);
  check_dimensions(run, faults);
  for (Diagnostic& fault :
       training_faults(run.training, run.mode, run.gradient_accumulation_steps)) {
    faults.push_back(std::move(fault));
  }
  if (run.batch % run.gradient_accumulation_steps != 0) return faults;
  if (run.generate > 0) return faults.empty() ? request_faults(run) : faults;
  try {
    const OpList ops = lower(run.workload, lowering_policy(run));
    if (faults.empty()) check_exact_sums(run, ops, faults);
    if (faults.empty() && !run.mapping.pinned.empty()) faults = pinned_faults(run, ops);
  } catch (const InputError& error) {
    for (Diagnostic fault : error.diagnostics()) {
      const bool in_trace = !fault.pointer.starts_with("/formats") &&
                            !fault.pointer.starts_with("/zeros") &&
                            !fault.pointer.starts_with("/dimensions") &&
                            !fault.pointer.starts_with("/recompute") && fault.pointer != "/skip";
      if (in_trace) fault.pointer = "/workload" + fault.pointer;
      faults.push_back(std::move(fault));
    }
  }
  return faults;
}

}  // namespace mxsim
