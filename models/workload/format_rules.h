#pragma once

#include <string>
#include <vector>

#include "models/formats/layout.h"
#include "models/workload/lowering_policy.h"
#include "models/workload/op_list.h"
#include "models/workload/shaped_graph.h"
#include "models/workload/step.h"

namespace mxsim {

/// A format with one scale for many elements; its blocks must fit the reduction.
bool is_block_scaled(const FormatSpec& format);
/// A tile serves both orientations of a matrix.
bool is_tile(const BlockShape& block);
/// One scale, or one scale of all block scales, serves a whole tensor.
bool scales_whole_tensor(const DataLayout& layout);
/// How FP32 results become `format`.
Encoding encoding_to(const FormatSpec& format);
/// Integers of `bits` bits (masks, places, labels).
FormatSpec code_format(int bits);

/// The format policy, resolved for the layers of one network.
class FormatRules {
 public:
  /// Overrides of the policy come first, then the layer's own formats, then the policy's.
  /// Throws InputError for an override that is no regular expression or matches no layer (pointers
  /// below "/formats" of a run file).
  FormatRules(const LoweringPolicy& policy, const ShapedGraph& graph);

  /// What the PEs of `layer` multiply in `pass` for an operand of `role` that is summed along
  /// `axis`: 1-D blocks run along that axis, tiles stay as they are.
  DataLayout operand(std::int32_t layer, Pass pass, TensorRole role, ReductionAxis axis) const;
  /// What DRAM holds for such an operand: the same, or the wide format where the storage policy
  /// keeps it from being narrow.
  DataLayout stored(const DataLayout& operand, TensorRole role) const;
  /// What arrives of a network input whose first GEMM reads `stored`, summed along `axis`.
  DataLayout input(const DataLayout& stored, ReductionAxis axis) const;
  DataLayout wide() const { return {policy_.wide, {1, 1}}; }
  /// Of optimizer states: blocks lie along rows.
  DataLayout state() const;
  /// A layout that no rounding to the wide format could improve.
  bool at_least_wide(const DataLayout& layout) const;
  const FormatPolicy& policy() const { return policy_.formats; }

 private:
  BlockShape block_of(const FormatSpec& format) const;
  const FormatSpec& format(std::int32_t layer, Pass pass, TensorRole role) const;
  void match_layers(const ShapedGraph& graph);

  const LoweringPolicy& policy_;
  struct LayerFormats {
    std::optional<FormatSpec> weights;
    std::optional<FormatSpec> activations;
  };
  std::vector<std::vector<std::size_t>> overrides_of_;  ///< of each layer, in order
  std::vector<LayerFormats> own_;                       ///< of each layer, as the trace states them
};

}  // namespace mxsim
