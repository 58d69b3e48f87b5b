#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/core/event.h"
#include "models/core/pass.h"
#include "models/formats/layout.h"
#include "models/workload/dram_tile.h"
#include "models/workload/group_step.h"
#include "models/workload/window_axis.h"

namespace mxsim {

/// What a stored tensor is to the training step; also names the distribution its seeded test values
/// come from.
enum class TensorRole : std::uint8_t {
  kActivation,      ///< also the network's input
  kWeight,          ///< GEMM operand copy of a parameter
  kGradient,        ///< gradient with respect to an activation
  kWeightGradient,  ///< gradient with respect to a parameter
  kMasterWeight,    ///< parameter as the optimizer keeps it
  kOptimizerState,
  kStatistic,  ///< per-channel means, variances, sums; loss; labels
};

/// An array in DRAM. Matrix view: activations have one row per pixel or token (N, H, W
/// order) and one column per channel; convolution weights have one row per (tap, input channel) and
/// one column per output channel. Two copies of one tensor in two formats or orientations are two
/// stored tensors.
struct StoredTensor {
  std::string name;
  TensorRole role = TensorRole::kActivation;
  std::int64_t rows = 1;
  std::int64_t cols = 1;
  DataLayout layout;  ///< element format and block shape
  /// Of a part of a value: where it begins, and the rows of the whole; 0: it is the whole.
  std::int64_t first_row = 0;
  std::int64_t value_rows = 0;
  /// Comes from elsewhere for its first reader, or leaves with its last writer: DRAM holds it from
  /// its first to its last use alone.
  bool passing = false;
  /// DRAM holds it from its first use on to the end of the step, for later steps.
  bool lasting = false;
  /// Its bytes are the last ones of that tensor, which others read as a whole; -1: of none.
  std::int32_t tail_of = -1;
  DramTile tile = {};  ///< the mapper's choice (dram_layout.h)

  Bytes bytes() const { return layout.bytes(rows, cols); }
  bool operator==(const StoredTensor&) const = default;
};

/// Which of the two operands' axes a GEMM sums over.
enum class GemmKind : std::uint8_t {
  /// out[p, n] = sum over (tap, c) of a[window(p, tap), c] * b[(tap, c), n]; M = positions, K =
  /// taps * channels
  kWindow,
  /// out[(tap, c), n] = sum over p of a[window(p, tap), c] * b[p, n]; M = taps * channels, K =
  /// positions
  kWeightGradient,
};

/// How the right operand of a window GEMM lies in its tensor: rows (tap, group's channel c),
/// columns (group, n), or, for a data gradient that reads the forward weights by columns, rows
/// (tap, n) and columns (group, channel c).
enum class Orientation : std::uint8_t { kAsStored, kTransposed };

/// What tells the groups of a matrix apart: its columns (group, column), as the channel groups of a
/// convolution or the heads of queries, keys and values; or its rows (batch element, group, row),
/// as the heads of attention scores. A batch element is always a range of rows, outside the groups.
enum class GroupAxis : std::uint8_t { kColumns, kRows };

/// `batch` x `groups` equal GEMMs read through a convolution window. A plain M x K * K x N product
/// is kWindow with h.in = h.out = M, one tap and channels = K.
///
/// With batch > 1 the right operand differs from one batch element to the next (attention: image).
/// Every matrix is then `batch` matrices as described at GemmKind and Orientation, one below the
/// other; where its groups lie on rows, each of these is `groups` matrices one below the other.
/// A window of several taps has batch 1 and its groups on columns.
///
/// With packed > 1 each group is made of `packed` groups of the layer, side by side in `channels`
/// and `n`: the right operand (of a weight gradient, the result) is block-diagonal, and its tensor
/// holds the blocks alone, as if unpacked. See group_packing.h.
struct GemmWork {
  GemmKind kind = GemmKind::kWindow;
  std::int64_t batch = 1;
  std::int64_t images = 1;  ///< positions = images * h.out * w.out
  WindowAxis h;
  WindowAxis w;
  std::int64_t channels = 1;  ///< columns of `a` in one group
  std::int64_t n = 1;         ///< columns of the result in one group
  std::int64_t groups = 1;
  std::int64_t packed = 1;
  GroupAxis a_groups = GroupAxis::kColumns;
  GroupAxis b_groups = GroupAxis::kColumns;
  GroupAxis result_groups = GroupAxis::kColumns;
  /// Where the images of a group lie: one below the other (kRows), or side by side in its columns,
  /// (group, image, column): query heads that share one head of keys. Of `b` only in a
  /// kWeightGradient.
  GroupAxis a_images = GroupAxis::kRows;
  GroupAxis b_images = GroupAxis::kRows;
  GroupAxis result_images = GroupAxis::kRows;
  TensorId a = -1;
  TensorId b = -1;
  Orientation b_orientation = Orientation::kAsStored;
  /// What the PEs multiply, and in which blocks of the stored matrix view. Equal to the stored
  /// layout but for operands that are quantized on load.
  FormatSpec format_a;
  FormatSpec format_b;
  BlockShape block_a;
  BlockShape block_b;
  /// Work on a part of longer tensors (some experts of all): rows before its first in every operand
  /// and result with a row a position, and matrices before its first in those without, (tap,
  /// channel) x n.
  std::int64_t first_row = 0;
  std::int64_t first_matrix = 0;
  /// A slice of the batch x groups products: the number of the first, and how many; 0: all of them.
  /// Tensors with groups on rows (GroupAxis::kRows) hold the slice's matrices alone.
  std::int64_t first_product = 0;
  std::int64_t product_count = 0;
  /// Of the operands' tensors; decide which buffer holds them.
  TensorRole role_a = TensorRole::kActivation;
  TensorRole role_b = TensorRole::kWeight;
  /// Stated share of zeros among the elements, for zero gating.
  double zeros_a = 0;
  double zeros_b = 0;

  std::int64_t positions() const { return images * h.out * w.out; }
  std::int64_t taps() const { return h.taps * w.taps; }
  std::int64_t gemm_m() const {
    return kind == GemmKind::kWindow ? positions() : taps() * channels;
  }
  std::int64_t gemm_k() const {
    return kind == GemmKind::kWindow ? taps() * channels : positions();
  }
  /// Independent GEMMs.
  std::int64_t products() const { return product_count > 0 ? product_count : batch * groups; }
  /// Those of the layer: products with zeros beside a block-diagonal are none.
  std::int64_t macs() const { return gemm_m() * gemm_k() * n * products() / packed; }
  /// Channels and result columns of one of the layer's own groups.
  std::int64_t block_channels() const { return channels / packed; }
  std::int64_t block_n() const { return n / packed; }
  bool operator==(const GemmWork&) const = default;
};

/// `per_element` operations of one kind on every element of the group's result grid, and `per_row`
/// on each of its rows (the reciprocal of a softmax's sum; none in groups with a GEMM).
struct VectorOps {
  Event op = Event::kVectorAdd;
  std::int64_t per_element = 1;
  std::int64_t per_row = 0;
  bool operator==(const VectorOps&) const = default;
};

/// How a written tensor leaves the FP32 domain of the vector unit.
enum class Encoding : std::uint8_t {
  kNone,      ///< FP32 as it is
  kConvert,   ///< rounded to a scalar format (BF16): one conversion an element
  kQuantize,  ///< through the re-quantization unit: maximum search and encode
};

struct TensorWrite {
  TensorId tensor = -1;
  Encoding encoding = Encoding::kNone;
};

/// The unit of scheduling: a GEMM whose results stream through the vector and
/// re-quantization units, or a stream without GEMM. Its grid is rows x cols result elements (the
/// GEMM's M x N per group). Streamed tensors are read or written once in full, in step with the
/// grid (a tensor of another size, as in pooling, in proportion). Broadcast reads are small tensors
/// (bias, per-channel scale) read once.
struct OpGroup {
  std::string layer;  ///< layer of the trace
  std::string op;     ///< what is computed, e.g. "conv2d+batch_norm_statistics"
  Pass pass = Pass::kForward;
  /// Empty: no GEMM. One; or the stride_h x stride_w phases of a strided convolution's data
  /// gradient, which write disjoint positions of one grid (a phase without taps writes zeros).
  std::vector<GemmWork> gemms;
  std::int64_t rows = 1;
  std::int64_t cols = 1;
  std::vector<VectorOps> vector_ops;
  std::vector<TensorId> streamed_reads;
  std::vector<TensorId> broadcast_reads;
  std::vector<TensorWrite> writes;  ///< streamed
  std::vector<TensorWrite>
      reduction_writes;  ///< small results written once at the end (sums, gradients of scales)

  /// What it computes, in order; the first is the GEMM if there is one. Empty: a conversion of its
  /// streamed read, or a slice.
  std::vector<GroupStep> steps;
  std::vector<GroupValue> values;  ///< results of the steps

  /// Of a group that runs in slices (product_slices.h): which of how many this is.
  std::int32_t slice = 0;
  std::int32_t slices = 1;

  std::int64_t elements() const { return rows * cols; }
};

/// A training or inference step in the order it runs; every read tensor is an input, a parameter, a
/// state of the optimizer, or written by an earlier group.
struct OpList {
  std::vector<StoredTensor> tensors;
  std::vector<OpGroup> groups;
};

}  // namespace mxsim
