#include "sim/config/run_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "models/arithmetic/exact_sums.h"
#include "models/formats/format_table.h"
#include "models/memory/built_buffer.h"
#include "models/workload/lower.h"
#include "sim/config/choices.h"
#include "sim/config/format_config.h"
#include "sim/config/load.h"
#include "sim/config/mapping_config.h"
#include "sim/config/trace_reader.h"

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
  if (steps > 1 && run.mode == Mode::kInfer) {
    refuse("1: inference has no gradients");
  } else if (run.batch % steps != 0) {
    refuse(fmt::format("a divisor of the batch of {}", run.batch));
  }
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
  b.choice({"mode", "", "a training step or inference", Presence::kRequired}, s.mode, kModeNames);
  b.integer({"batch", "images", "batch size"}, s.batch, {1, 65536});
  b.integer(
      {"gradient_accumulation_steps", "",
       "micro-batches of a training step: the batch is worked through in so many equal parts, "
       "one after another, and the weights are updated once, with the sum of their gradients"},
      s.gradient_accumulation_steps, {1, 65536});
  if (s.mode == Mode::kInfer && b.outdated("gradient_accumulation_steps", "mode")) {
    s.gradient_accumulation_steps = 1;
  }
  b.choice({"optimizer", "", "update of the weights in training"}, s.optimizer, kOptimizerNames);
  b.section({"formats", "", "number formats"}, s.formats);
  b.list({"zeros", "",
          "shares of zero elements that zero gating skips products by; the first match decides, "
          "without one no product is skipped"},
         s.zeros);
  b.section({"mapping", "", "how the work is laid out on the chip"}, s.mapping);
  b.choice({"fidelity", "", "tile: closed forms; pe: every PE with its bits"}, s.fidelity,
           kFidelityNames);
  b.integer({"seed", "", "seed of all drawn values"}, s.seed);
}

LoweringPolicy lowering_policy(const RunConfig& run) {
  return {run.mode,       run.batch,   run.gradient_accumulation_steps,
          run.optimizer,  run.formats, parse_format("bf16"),
          run.chip.array, run.zeros};
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

std::vector<Diagnostic> validate(const RunConfig& run) {
  std::vector<Diagnostic> faults = below("/chip", validate(run.chip));
  if (faults.empty()) check_kept_bytes(run, faults);
  check_micro_batches(run, faults);
  if (run.batch % run.gradient_accumulation_steps != 0) return faults;
  try {
    const OpList ops = lower(run.workload, lowering_policy(run));
    if (faults.empty()) check_exact_sums(run, ops, faults);
    if (faults.empty() && !run.mapping.pinned.empty()) faults = pinned_faults(run, ops);
  } catch (const InputError& error) {
    for (Diagnostic fault : error.diagnostics()) {
      const bool in_trace =
          !fault.pointer.starts_with("/formats") && !fault.pointer.starts_with("/zeros");
      if (in_trace) fault.pointer = "/workload" + fault.pointer;
      faults.push_back(std::move(fault));
    }
  }
  return faults;
}

}  // namespace mxsim
