#include "sim/run/model_assumptions.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>

#include "models/arithmetic/exact_sums.h"
#include "models/core/error.h"
#include "models/energy/work_formats.h"
#include "models/workload/assumed_loss.h"

namespace mxsim {
namespace {

std::string reads(const BufferSpec& buffer) {
  switch (buffer.transposed_read) {
    case TransposedRead::kTransposer:
      return "an 8x8 transposer turns them at full rate and is filled behind the command before";
    case TransposedRead::kGather:
      return "a word is read for each element";
    case TransposedRead::kSecondPort:
      return "a second port of every cell gives them at full rate";
  }
  throw InternalError("a way to read columns without words");
}

std::string order_of_groups(GroupOverlap overlap) {
  return overlap == GroupOverlap::kOn
             ? "a group's first transfers run while its predecessor computes and stores"
             : "a group begins when its predecessor has finished";
}

std::string what_stays(Bytes kept) {
  if (kept == Bytes(0)) return "nothing stays on chip from one group to the next";
  return fmt::format("{} bytes of the input buffer keep whole tensors from one group to the next",
                     kept.count());
}

}  // namespace

std::vector<std::string> model_assumptions(const ChipConfig& chip, GroupOverlap overlap,
                                           Bytes kept) {
  std::vector<std::string> lines{
      "im2col address generation feeds the array one vector a step; padding costs no DRAM traffic",
      "per-channel vectors (bias, scale, statistics) are kept in registers of the vector unit",
      order_of_groups(overlap),
      what_stays(kept),
      "partial sums that do not fit on chip are stored in FP32 and read again",
      "a block that crosses a tile border is encoded with the later tile (one row of tiles is "
      "kept)",
  };
  if (chip.array.grid.arrays() > 1) {
    lines.push_back(
        "arrays of a grid row share one read of the left operand, those of a grid column one of "
        "the "
        "right, over wires of an array's edge each; vectors of a step lie in different bank "
        "groups");
  }
  if (const DramCompression& ratio = chip.dram.compression; ratio.least() < 1) {
    lines.push_back(fmt::format(
        "tensors in DRAM take {:g} (weights), {:g} (activations), {:g} (gradients) of their bytes, "
        "as the chip file states; each piece of a transfer is compressed by itself, where it lies; "
        "the codec costs no time, energy or area",
        ratio.weights, ratio.activations, ratio.gradients));
  }
  if (chip.sequencer.issue_cycles > 0) {
    lines.push_back(fmt::format(
        "the sequencer issues a command every {} cycles, as far ahead as groups are handed out",
        chip.sequencer.issue_cycles));
  }
  if (const std::int64_t stages = chip.post_processor.operations_per_cycle(); stages > 0) {
    lines.push_back(fmt::format(
        "each of the {} operations of the post-processor is as large as a lane of the vector unit",
        stages));
  }
  for (const auto& [name, buffer] : chip.buffers) {
    if (buffer.holds_operands()) lines.push_back("columns of " + name + ": " + reads(buffer));
    if (const std::int64_t idle = buffer.banks_without_slot(); idle > 0) {
      lines.push_back(
          fmt::format("{} of the {} banks of {} stay empty: slots own equal numbers of "
                      "whole banks",
                      idle, buffer.banks, name));
    }
  }
  for (const std::string& line : dram_device(chip.dram).assumptions) lines.push_back(line);
  return lines;
}

namespace {

/// Of all products, those of a zero, as the run file states zeros.
double skipped_share(const OpList& ops) {
  double skipped = 0;
  double all = 0;
  for (const OpGroup& group : ops.groups) {
    for (const GemmWork& work : group.gemms) {
      const auto macs = static_cast<double>(work.macs());
      skipped += macs * (1 - (1 - work.zeros_a) * (1 - work.zeros_b));
      all += macs;
    }
  }
  return all > 0 ? skipped / all : 0;
}

}  // namespace

std::vector<std::string> sum_assumptions(const ArraySpec& array, const OpList& ops) {
  std::vector<std::string> lines;
  for (const WorkFormats& work : formats_in_use(ops)) {
    std::string line = fmt::format("products of {} and {} are added in {}", work.a.name,
                                   work.b.name, to_string(sum_of(array, work.a, work.b)));
    if (std::find(lines.begin(), lines.end(), line) == lines.end())
      lines.push_back(std::move(line));
  }
  if (array.zero_gating == ZeroGating::kOff) return lines;
  const double skipped = skipped_share(ops);
  lines.push_back(skipped > 0 ? fmt::format("zero gating skips {:.3g} of the products, by the "
                                            "shares of zeros that the run file states",
                                            skipped)
                              : "zero gating skips no product: the run file states no zeros");
  return lines;
}

std::vector<std::string> storage_assumptions(const OpList& ops) {
  const auto formats = [&](TensorRole role) {
    std::string names;
    std::set<std::string> seen;
    for (const StoredTensor& tensor : ops.tensors) {
      const std::string& name = tensor.layout.format.name;
      if (tensor.role != role || !seen.insert(name).second) continue;
      names += (names.empty() ? "" : ", ") + name;
    }
    return names;
  };
  std::vector<std::string> lines;
  const bool assumed = std::any_of(ops.groups.begin(), ops.groups.end(), [](const OpGroup& group) {
    return group.layer == kAssumedLoss;
  });
  if (assumed) lines.push_back("the network states no loss: cross entropy over its result");
  const bool trains = std::any_of(ops.groups.begin(), ops.groups.end(), [](const OpGroup& group) {
    return group.pass == Pass::kBackwardWeight;
  });
  if (trains) {
    const std::string masters = formats(TensorRole::kMasterWeight);
    const std::string states = formats(TensorRole::kOptimizerState);
    lines.push_back(
        fmt::format("DRAM holds master weights and vectors of parameters in {}, "
                    "optimizer states in {}",
                    masters.empty() ? "no format of their own" : masters,
                    states.empty() ? "no format: there are none" : states));
  }
  const auto of_operands = [&](const auto& has) {
    return std::any_of(ops.groups.begin(), ops.groups.end(), [&](const OpGroup& group) {
      return std::any_of(group.gemms.begin(), group.gemms.end(), [&](const GemmWork& work) {
        return has(work.format_a) || has(work.format_b);
      });
    });
  };
  if (of_operands([](const FormatSpec& f) { return f.rounding == Rounding::kStochastic; })) {
    lines.push_back("stochastic rounding: each lane has a 16-bit shift register of its own");
  }
  if (of_operands([](const FormatSpec& f) { return f.hadamard > 0; })) {
    lines.push_back(
        "Hadamard transforms keep pace with the lanes of the re-quantization unit and are filled "
        "behind the elements before");
  }
  return lines;
}

}  // namespace mxsim
