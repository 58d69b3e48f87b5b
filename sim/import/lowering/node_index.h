#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/import/lowering/tensor_network.h"

namespace mxsim {

struct ClipLimits {
  double low;
  double high;
};

/// Who makes and who reads each tensor of a network; nodes by their number.
class NodeIndex {
 public:
  explicit NodeIndex(const TensorNetwork& network);

  const NetNode& node(int n) const { return network_.nodes[static_cast<std::size_t>(n)]; }
  /// The node that makes a tensor, or -1.
  int maker(int tensor) const {
    return tensor < 0 ? -1 : makers_[static_cast<std::size_t>(tensor)];
  }
  /// The only reader of a node's first result, or -1; results of the network have others.
  int only_reader(int n) const;
  bool is(int n, const char* op) const { return n >= 0 && node(n).op == op; }
  /// The one number that a constant holds (or repeats).
  std::optional<long double> number(int tensor) const;
  bool is_constant(int tensor) const;
  const Shape& shape(int tensor) const {
    return network_.tensors[static_cast<std::size_t>(tensor)].shape;
  }
  /// Limits of a Clip, infinite where it has none; nothing where they are no numbers.
  std::optional<ClipLimits> clip_limits(int n) const;
  /// Of a node with two inputs: the one that is no constant where the other is a number; or -1.
  int beside_number(int n) const;
  /// Of a node with two inputs, the one that is not `tensor`; or -1.
  int other(int n, int tensor) const;

 private:
  const TensorNetwork& network_;
  std::vector<int> makers_;
  std::vector<std::vector<int>> readers_;
};

}  // namespace mxsim
