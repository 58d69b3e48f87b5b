#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "models/workload/graph.h"
#include "sim/import/lowering/imported_network.h"
#include "sim/import/lowering/shared_weights.h"
#include "sim/import/lowering/tensor_layout.h"
#include "sim/import/lowering/tensor_network.h"

namespace mxsim {

/// What operators of a network file write their layers into. It knows where the elements of every
/// tensor lie and moves them where an operator needs them otherwise (never for nothing: a reshape
/// that keeps rows and columns is free, the rest are copies).
class TraceBuilder {
 public:
  /// `batch`: extent of the first axis that the trace leaves out (1: none).
  TraceBuilder(const TensorNetwork& network, std::int64_t batch, std::vector<std::string>& notes);

  const NetTensor& tensor(int id) const { return network_.tensors[static_cast<std::size_t>(id)]; }
  const Shape& shape(int id) const { return tensor(id).shape; }
  bool is_constant(int id) const { return tensor(id).constant; }
  /// Whether a node or the network's user reads it.
  bool is_read(int id) const;
  std::int64_t batch() const { return batch_; }
  const TensorLayout& layout(int id) const;
  void set_layout(int id, TensorLayout layout);
  void note(const std::string& text) { notes_.push_back(text); }

  /// A layer with one result; returns the name of its tensor. `name` is made unique.
  std::string add(const std::string& op, const std::string& name, std::vector<std::string> inputs,
                  RawAttributes attributes = {});
  /// The same with several results.
  std::vector<std::string> add_parts(const std::string& op, const std::string& name,
                                     const std::string& input, std::size_t parts,
                                     RawAttributes attributes);

  /// A further input of the layer that was added last.
  void feed(const std::string& input);

  /// Of the layer that was added last: a constant; places of its values in the file; that it stands
  /// for another operator of the same cost.
  void state(const std::string& constant, double value);
  void bind(const std::string& parameter, const std::vector<int>& tensors,
            ParameterSource::Arrange arrange);
  void stand_in();
  /// The trace has no values of what the node makes.
  void note_inexact(const NetNode& node);

  std::size_t layer_count() const { return graph_.layers.size(); }
  /// States formats for the products among the layers from number `first` on.
  void set_formats(std::size_t first, const std::string& weights, const std::string& activations);

  /// The elements in the order of those axes, in a tensor of the trace of that shape. An image has
  /// its channels last in `order` and first in `shape`.
  TensorLayout arranged(const TensorLayout& from, const std::vector<std::size_t>& order,
                        const Shape& shape, bool image, const std::string& name);
  /// Rows and columns; the last `column_axes` axes are the columns.
  TensorLayout matrix(int id, std::size_t column_axes = 1);
  /// Channels, height and width of axes 1, 2 and 3 (1-D: width alone). Throws InputError for other
  /// ranks and for an axis 0 that is not the batch.
  TensorLayout image(int id);
  /// The same of volumes: the slices along axis 2 lie one below the other.
  TensorLayout volume(int id);
  /// Each axis an extent, in order; 1 in front where three extents would be an image.
  TensorLayout natural(int id);

  /// A layer that reads `from` and keeps its layout.
  void set_same(int id, const TensorLayout& from, const std::string& tensor);
  /// The result of a layer that lies in the order of the file's axes.
  void set_plain(int id, const std::string& tensor, const Shape& shape);
  /// The result is an image of axes 1, 2 and 3, or a volume.
  void set_image(int id, const std::string& tensor);

  ImportedNetwork take();

 private:
  void add_inputs();
  TensorLayout kept(int id, TensorLayout made);
  void drop_unread();
  TensorLayout result_in_order(int id);
  bool feeds_image(int id) const;
  std::string unique(const std::string& name);

  const TensorNetwork& network_;
  std::int64_t batch_;
  std::vector<std::string>& notes_;
  Graph graph_;
  std::map<int, TensorLayout> layouts_;
  std::map<std::string, BoundParameter> parameters_;
  std::map<std::string, FileTensor> inputs_;
  std::vector<std::string> inexact_;
  std::set<std::string> names_;
};

/// Product of extents.
std::int64_t product(const Shape& shape);

}  // namespace mxsim
