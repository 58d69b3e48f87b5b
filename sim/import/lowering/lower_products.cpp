#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "models/core/error.h"
#include "sim/import/lowering/einsum.h"
#include "sim/import/lowering/element_order.h"
#include "sim/import/lowering/lowerings.h"

namespace mxsim {
namespace {

using Numbers = std::vector<std::vector<float>>;

/// A constant matrix as the node has it.
struct ConstantMatrix {
  int tensor = -1;
  bool transposed = false;  ///< features x sums
  double factor = 1;
  int bias = -1;
  double bias_factor = 1;
};

std::vector<float> scaled(std::vector<float> values, double factor) {
  for (float& value : values) value *= static_cast<float>(factor);
  return values;
}

/// The parameters of the linear layer that was added last.
void bind_matrix(const ConstantMatrix& matrix, std::int64_t features, TraceBuilder& trace) {
  const std::int64_t sums = product(trace.shape(matrix.tensor)) / features;
  trace.bind("weight", {matrix.tensor}, [matrix, sums, features](const Numbers& n) {
    return scaled(matrix.transposed ? permuted(n[0], {features, sums}, {1, 0}) : n[0],
                  matrix.factor);
  });
  if (matrix.bias < 0) return;
  trace.bind("bias", {matrix.bias},
             [matrix](const Numbers& n) { return scaled(n[0], matrix.bias_factor); });
}

double number(const NetNode& node, const char* key, double standard) {
  const auto found = node.numbers.find(key);
  return found == node.numbers.end() ? standard : found->second;
}

/// Rows times a constant matrix.
void emit_linear(const NetNode& node, int input, std::int64_t features,
                 const ConstantMatrix& matrix, TraceBuilder& trace) {
  const bool bias = matrix.bias >= 0;
  const TensorLayout from = trace.matrix(input);
  Shape shape = from.shape;
  shape.back() = features;
  trace.set_plain(node.outputs[0],
                  trace.add("linear", node.name, {from.tensor},
                            {{"out_features", {features}}, {"bias", {bias ? 1 : 0}}}),
                  shape);
  bind_matrix(matrix, features, trace);
}

/// The axes of one operand of a batched product.
struct ProductAxes {
  std::vector<std::size_t> batches;  ///< outside the heads
  std::vector<std::size_t> heads;
  std::size_t rows = 0;
  std::size_t columns = 0;
};

std::vector<std::size_t> order_of(const ProductAxes& axes, const char* order) {
  std::vector<std::size_t> all;
  for (const char* c = order; *c != '\0'; ++c) {
    if (*c == 'b') all.insert(all.end(), axes.batches.begin(), axes.batches.end());
    if (*c == 'h') all.insert(all.end(), axes.heads.begin(), axes.heads.end());
    if (*c == 'r') all.push_back(axes.rows);
    if (*c == 'c') all.push_back(axes.columns);
  }
  return all;
}

/// A product of two activations, one for each head. Every way in which matmul's kind holds heads is
/// tried before elements are moved.
class ProductLowering {
 public:
  /// `out`: extents of the result, heads, rows and columns.
  ProductLowering(std::string name, Shape out, TraceBuilder& trace)
      : name_(std::move(name)), out_(std::move(out)), trace_(trace) {}

  TensorLayout emit(const TensorLayout& a, bool turned_a, const TensorLayout& b, bool turned_b) {
    a_ = operand(a);
    b_ = operand(b);
    const std::size_t rank = a_.axes.size();
    a_axes_ = axes_of(rank, turned_a);
    b_axes_ = axes_of(rank, turned_b);
    for (const std::size_t axis : a_axes_.heads) all_heads_ *= a_.extent(axis);
    rows_ = a_.extent(a_axes_.rows);
    sums_ = a_.extent(a_axes_.columns);
    columns_ = b_.extent(b_axes_.columns);
    // The right operand's rows are summed over; its columns are the result's.
    for (std::size_t outer = 0; outer + 2 <= a_.axes.size(); ++outer) {
      set_batches(outer);
      if (lies(a_, a_axes_, "brhc") && lies(b_, b_axes_, "bchr")) {
        emit_as("brhc", "bchr", {batches_ * rows_, heads_ * sums_},
                {batches_ * columns_, heads_ * sums_}, true);
        return finish("bhrc", {batches_ * heads_ * rows_, columns_});
      }
      if (heads_ > 1 && lies(a_, a_axes_, "bhrc") && lies(b_, b_axes_, "brhc")) {
        emit_as("bhrc", "brhc", {batches_ * heads_ * rows_, sums_},
                {batches_ * sums_, heads_ * columns_}, false);
        return finish("brhc", {batches_ * rows_, heads_ * columns_});
      }
    }
    set_batches(a_.axes.size() - 2);
    const bool transposed = lies(b_, b_axes_, "bcr");
    emit_as("brc", transposed ? "bcr" : "brc", {batches_ * rows_, sums_},
            transposed ? Shape{batches_ * columns_, sums_} : Shape{batches_ * sums_, columns_},
            transposed);
    return finish("brc", {batches_ * rows_, columns_});
  }

 private:
  /// An operand with as many axes as the result, heads repeated where the other has more.
  TensorLayout operand(TensorLayout layout) {
    if (layout.axes.size() < 2) throw InputError("multiplies a vector");
    layout.axes.insert(layout.axes.begin(), out_.size() - layout.axes.size(), std::vector<int>{});
    bool stretched = false;
    Shape extents;
    for (std::size_t axis = 0; axis < out_.size(); ++axis) {
      std::int64_t extent = layout.extent(axis);
      const bool head = axis + 2 < out_.size();
      const std::int64_t wanted =
          axis == 0 && trace_.batch() > 1 ? out_[0] / trace_.batch() : out_[axis];
      if (head && extent != wanted) {
        stretched = true;
        extent = wanted;
      }
      extents.push_back(extent);
    }
    return stretched ? repeated(layout, extents) : layout;
  }

  TensorLayout repeated(const TensorLayout& layout, Shape extents) {
    Shape from;
    for (std::size_t axis = 0; axis < extents.size(); ++axis) from.push_back(layout.extent(axis));
    TensorLayout result = plain_layout(extents, 1);
    if (extents.size() == 3) {
      extents.insert(extents.begin(), 1);
      from.insert(from.begin(), 1);
    }
    const TensorLayout plain = trace_.arranged(layout, all_axes(layout), from, false, name_);
    result.tensor = trace_.add("expand", name_ + ".expand", {plain.tensor}, {{"shape", extents}});
    result.shape = extents;
    for (std::size_t axis = 0; axis < layout.axes.size(); ++axis) {
      if (layout.has_batch(axis)) {
        result.axes[axis].insert(result.axes[axis].begin(), kBatchFactor);
      }
    }
    return result;
  }

  static ProductAxes axes_of(std::size_t rank, bool transposed) {
    ProductAxes axes;
    for (std::size_t axis = 0; axis + 2 < rank; ++axis) axes.heads.push_back(axis);
    axes.rows = rank - (transposed ? 1 : 2);
    axes.columns = rank - (transposed ? 2 : 1);
    return axes;
  }

  /// The first axes hold matrices one below the other, the others heads.
  void set_batches(std::size_t outer) {
    batches_ = 1;
    for (ProductAxes* axes : {&a_axes_, &b_axes_}) {
      axes->batches.clear();
      axes->heads.clear();
      for (std::size_t axis = 0; axis + 2 < a_.axes.size(); ++axis) {
        (axis < outer ? axes->batches : axes->heads).push_back(axis);
      }
    }
    for (const std::size_t axis : a_axes_.batches) batches_ *= a_.extent(axis);
    heads_ = all_heads_ / batches_;
  }

  static bool lies(const TensorLayout& layout, const ProductAxes& axes, const char* order) {
    return lies_in_order(layout, order_of(axes, order));
  }

  void emit_as(const char* a_order, const char* b_order, const Shape& a_shape, const Shape& b_shape,
               bool transposed) {
    const TensorLayout a =
        trace_.arranged(a_, order_of(a_axes_, a_order), a_shape, false, name_ + ".a");
    const TensorLayout b =
        trace_.arranged(b_, order_of(b_axes_, b_order), b_shape, false, name_ + ".b");
    RawAttributes attributes{{"heads", {heads_}}, {"transpose_b", {transposed ? 1 : 0}}};
    if (batches_ > 1) attributes["batches"] = {batches_};
    tensor_ = trace_.add("matmul", name_, {a.tensor, b.tensor}, attributes);
  }

  /// The result lies in that order of its axes, which are the left operand's but for the columns.
  TensorLayout finish(const char* order, const Shape& shape) {
    const TensorLayout plain = plain_layout(out_, trace_.batch());
    ProductAxes axes = a_axes_;
    axes.rows = out_.size() - 2;
    axes.columns = out_.size() - 1;
    TensorLayout layout;
    layout.tensor = tensor_;
    layout.shape = shape;
    layout.axes.resize(out_.size());
    for (const std::size_t axis : order_of(axes, order)) {
      if (plain.has_batch(axis)) layout.axes[axis].push_back(kBatchFactor);
      if (plain.extent(axis) == 1) continue;
      layout.axes[axis].push_back(static_cast<int>(layout.factors.size()));
      layout.factors.push_back(plain.extent(axis));
    }
    return layout;
  }

  std::string name_;
  Shape out_;
  TraceBuilder& trace_;
  TensorLayout a_;
  TensorLayout b_;
  ProductAxes a_axes_;
  ProductAxes b_axes_;
  std::int64_t all_heads_ = 1;
  std::int64_t batches_ = 1;
  std::int64_t heads_ = 1;
  std::int64_t rows_ = 1;
  std::int64_t sums_ = 1;
  std::int64_t columns_ = 1;
  std::string tensor_;
};

/// Axes of an operand in groups of letters: each of the first group an axis, the others one axis
/// a group.
TensorLayout grouped(const TensorLayout& from, const std::string& term,
                     const std::array<std::string, 3>& groups, std::int64_t batch) {
  TensorLayout result = from;
  result.axes.clear();
  for (const char c : groups[0]) result.axes.push_back(from.axes.at(term.find(c)));
  for (const std::string& group : {groups[1], groups[2]}) {
    std::vector<int>& axis = result.axes.emplace_back();
    for (const char c : group) {
      const std::vector<int>& more = from.axes.at(term.find(c));
      axis.insert(axis.end(), more.begin(), more.end());
    }
    const bool has_batch = std::find(axis.begin(), axis.end(), kBatchFactor) != axis.end();
    if (has_batch && batch > 1) throw InputError("an equation whose batch is no head");
  }
  return result;
}

/// The product of two activations with their axes as they are.
void emit_product(const NetNode& node, TraceBuilder& trace) {
  ProductLowering product(node.name, trace.shape(node.outputs[0]), trace);
  trace.set_layout(node.outputs[0],
                   product.emit(trace.layout(node.inputs[0]), node.integer("transA", 0) != 0,
                                trace.layout(node.inputs[1]), node.integer("transB", 0) != 0));
}

/// One axis more for a vector, as NumPy's rule has it: a row on the left, a column on the right.
bool is_vector(int id, const TraceBuilder& trace) { return trace.shape(id).size() == 1; }

/// A constant of one matrix: axes in front have the extent one.
bool is_matrix(const Shape& shape) {
  return shape.size() >= 2 && std::all_of(shape.begin(), shape.end() - 2,
                                          [](std::int64_t extent) { return extent == 1; });
}

/// The product with the constant on the left, by that of the transposed matrices.
void emit_left_constant(const NetNode& node, TraceBuilder& trace) {
  const Shape& weights = trace.shape(node.inputs[0]);
  if (!is_matrix(weights)) throw InputError("multiplies a constant of several matrices");
  const TensorLayout& from = trace.layout(node.inputs[1]);
  const std::size_t rank = from.axes.size();
  std::vector<std::size_t> order = all_axes(from);
  std::swap(order[rank - 1], order[rank - 2]);
  std::int64_t rows = 1;
  for (std::size_t i = 0; i + 1 < rank; ++i) rows *= from.extent(order[i]);
  const std::int64_t sums = from.extent(rank - 2);
  const TensorLayout matrix = trace.arranged(from, order, {rows, sums}, false, node.name);
  const std::int64_t features = weights[weights.size() - 2];
  TensorLayout result = plain_layout(trace.shape(node.outputs[0]), trace.batch());
  result.tensor = trace.add("linear", node.name, {matrix.tensor},
                            {{"out_features", {features}}, {"bias", {0}}});
  bind_matrix({node.inputs[0], true}, features, trace);
  result.shape = {rows, features};
  // Rows of the file's result are the columns of the trace's.
  const Shape& out = trace.shape(node.outputs[0]);
  Shape swapped = out;
  std::swap(swapped[out.size() - 1], swapped[out.size() - 2]);
  TensorLayout transposed = plain_layout(swapped, trace.batch());
  std::swap(transposed.axes[out.size() - 1], transposed.axes[out.size() - 2]);
  transposed.tensor = result.tensor;
  transposed.shape = result.shape;
  trace.set_layout(node.outputs[0], transposed);
}

void add_summand(const NetNode& node, int product_of, TraceBuilder& trace) {
  NetNode sum = node;
  sum.op = "Add";
  sum.inputs = {product_of, node.inputs[2]};
  lower_binary(sum, trace);
}

}  // namespace

void lower_matmul(const NetNode& node, TraceBuilder& trace) {
  const int a = node.inputs.at(0);
  const int b = node.inputs.at(1);
  const Shape& right = trace.shape(b);
  if (trace.is_constant(b) && (is_matrix(right) || is_vector(b, trace))) {
    const bool transposed = node.integer("transB", 0) != 0;
    const std::int64_t features =
        right.size() == 1 ? 1 : right[right.size() - (transposed ? 2 : 1)];
    const bool bias = node.integer("bias", 0) != 0;
    return emit_linear(node, a, features,
                       {b, transposed, number(node, "alpha", 1), bias ? node.inputs.at(2) : -1},
                       trace);
  }
  if (trace.is_constant(a)) return emit_left_constant(node, trace);
  if (trace.is_constant(b)) throw InputError("multiplies a constant of several matrices");
  emit_product(node, trace);
}

/// Two operands: letters of both and of the result are heads, of both alone summed over; each
/// other letter belongs to the rows or the columns. No letter stands twice in an operand.
void lower_einsum(const NetNode& node, TraceBuilder& trace) {
  const auto terms = einsum_terms(node.text("equation", ""), node.inputs.size());
  if (!terms || node.inputs.size() != 2 || trace.is_constant(node.inputs[0]) ||
      trace.is_constant(node.inputs[1])) {
    throw InputError("an equation that is no product of two activations");
  }
  const EinsumLetters letters = einsum_letters(*terms);
  for (const char c : letters.rows + letters.columns) {
    if (terms->result.find(c) == std::string::npos) {
      throw InputError(fmt::format("an equation that sums \"{}\" over one operand alone", c));
    }
  }
  const TensorLayout a = grouped(trace.layout(node.inputs[0]), terms->operands[0],
                                 {letters.heads, letters.rows, letters.sums}, trace.batch());
  const TensorLayout b = grouped(trace.layout(node.inputs[1]), terms->operands[1],
                                 {letters.heads, letters.sums, letters.columns}, trace.batch());
  const Shape& out = trace.shape(node.outputs[0]);
  const std::string order = letters.heads + letters.rows + letters.columns;
  Shape extents;  // heads as they are, rows together, columns together
  Shape apart;
  std::int64_t rows = 1;
  std::int64_t columns = 1;
  for (const char c : order) {
    const std::int64_t extent = out[terms->result.find(c)];
    apart.push_back(extent);
    if (letters.heads.find(c) != std::string::npos) extents.push_back(extent);
    if (letters.rows.find(c) != std::string::npos) rows *= extent;
    if (letters.columns.find(c) != std::string::npos) columns *= extent;
  }
  extents.insert(extents.end(), {rows, columns});
  const TensorLayout product = ProductLowering(node.name, extents, trace).emit(a, false, b, false);
  const auto parts = reshaped(product, apart, trace.batch());
  if (!parts) throw InputError("an equation whose result cannot be cut into its axes");
  TensorLayout result = *parts;
  for (std::size_t i = 0; i < terms->result.size(); ++i) {
    result.axes[i] = parts->axes[order.find(terms->result[i])];
  }
  trace.set_layout(node.outputs[0], result);
}

void lower_gemm(const NetNode& node, TraceBuilder& trace) {
  const int a = node.inputs.at(0);
  const int b = node.inputs.at(1);
  const bool has_summand = node.inputs.size() > 2 && node.inputs[2] >= 0;
  const Shape& out = trace.shape(node.outputs[0]);
  if (trace.is_constant(a) || (!trace.is_constant(b) && trace.shape(a).size() != 2)) {
    throw InputError("has a constant on the left");
  }
  const bool row = has_summand && trace.is_constant(node.inputs[2]) &&
                   product(trace.shape(node.inputs[2])) == out.back();
  const ConstantMatrix matrix{b, node.integer("transB", 0) != 0, number(node, "alpha", 1),
                              row ? node.inputs[2] : -1, number(node, "beta", 1)};
  if (!trace.is_constant(b)) {
    emit_product(node, trace);
    if (matrix.factor != 1) trace.note_inexact(node);
  } else if (node.integer("transA", 0) != 0) {
    NetNode transposed = node;
    transposed.op = "Transpose";
    transposed.integers = {{"perm", {1, 0}}};
    const TensorLayout kept = trace.layout(a);
    TensorLayout swapped = kept;
    std::swap(swapped.axes[0], swapped.axes[1]);
    trace.set_layout(a, swapped);
    emit_linear(node, a, out.back(), matrix, trace);
    trace.set_layout(a, kept);
  } else {
    emit_linear(node, a, out.back(), matrix, trace);
  }
  if (!has_summand || (row && trace.is_constant(b))) return;
  if (matrix.bias_factor != 1) trace.note_inexact(node);
  add_summand(node, node.outputs[0], trace);
}

}  // namespace mxsim
