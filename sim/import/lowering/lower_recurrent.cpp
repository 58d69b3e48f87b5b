#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "models/core/error.h"
#include "sim/import/lowering/element_order.h"
#include "sim/import/lowering/lowerings.h"

namespace mxsim {
namespace {

using Numbers = std::vector<std::vector<float>>;

/// Places of a recurrent node's inputs and outputs.
enum Input : std::size_t {
  kWeight = 1,
  kRecurrent = 2,
  kBias = 3,
  kLengths = 4,
  kHidden = 5,
  kCell = 6,
  kPeepholes = 7
};
enum Output : std::size_t { kSequence = 0, kLastHidden = 1, kLastCell = 2 };

int input(const NetNode& node, std::size_t place) {
  return place < node.inputs.size() ? node.inputs[place] : -1;
}

/// Matrix `number` of a stack of equal ones.
std::vector<float> part(const std::vector<float>& all, std::size_t number, std::size_t count) {
  const std::size_t size = all.size() / count;
  const auto begin = all.begin() + static_cast<std::ptrdiff_t>(number * size);
  return {begin, begin + static_cast<std::ptrdiff_t>(size)};
}

/// GRU with ONNX's default order.
bool resets_first(const NetNode& node) {
  return node.op == "GRU" && node.integer("linear_before_reset", 0) == 0;
}

bool all_zero(const ConstantValues& values) {
  return std::all_of(values.numbers.begin(), values.numbers.end(),
                     [](long double value) { return value == 0; });
}

class RecurrentLowering {
 public:
  RecurrentLowering(const NetNode& node, TraceBuilder& trace) : node_(node), trace_(trace) {
    check_form();
    const Shape& in = trace.shape(node.inputs.at(0));
    const Shape& weight = trace.shape(node.inputs.at(kWeight));
    const Shape& recurrent = trace.shape(node.inputs.at(kRecurrent));
    if (in.size() != 3 || weight.size() != 3 || recurrent.size() != 3) {
      throw InputError("expected an input and weights of 3 axes");
    }
    batch_first_ = node.integer("layout", 0) == 1;
    time_ = batch_first_ ? 1 : 0;
    const TensorLayout& from = trace.layout(node.inputs[0]);
    if (from.has_batch(time_)) throw InputError("its tokens are the network's batch");
    tokens_ = from.extent(time_);
    rows_ = from.extent(1 - time_);
    batched_ = from.has_batch(1 - time_);
    directions_ = static_cast<std::size_t>(weight[0]);
    hidden_ = recurrent.back();
    const std::int64_t gates = node.op == "LSTM" ? 4 : node.op == "GRU" ? 3 : 1;
    const bool both = node.text("direction", "forward") == "bidirectional";
    if (directions_ != (both ? 2U : 1U) || hidden_ < 1 || weight[1] % gates != 0 ||
        weight[1] / gates != hidden_ || recurrent[1] != weight[1] || recurrent[0] != weight[0] ||
        weight[2] != in[2] || !fits_bias(2 * weight[0] * weight[1])) {
      throw InputError("weights of other extents than its gates and directions have");
    }
    for (const int id : node.outputs) {
      if (id >= 0 && trace.shape(id).back() != hidden_) {
        throw InputError(fmt::format("{} hidden features, its weights have {}",
                                     trace.shape(id).back(), hidden_));
      }
    }
  }

  void emit() {
    note_inexact();
    const TensorLayout& from = trace_.layout(node_.inputs[0]);
    const std::string x = trace_
                              .arranged(from, {1 - time_, time_, 2},
                                        {rows_ * tokens_, from.extent(2)}, false, node_.name)
                              .tensor;
    const std::array<std::vector<std::string>, 2> states{initial_state(kHidden),
                                                         initial_state(kCell)};
    for (std::size_t direction = 0; direction < directions_; ++direction) {
      emit_direction(direction, x, states);
    }
    if (keeps_sequence_) set_sequence();
    if (reads(kLastHidden)) set_state(kLastHidden, hidden_parts_);
    if (reads(kLastCell)) set_state(kLastCell, cell_parts_);
  }

 private:
  void check_form() const {
    if (input(node_, kPeepholes) >= 0) throw InputError("has peepholes");
    if (node_.integer("input_forget", 0) != 0) throw InputError("couples input and forget gate");
    for (const std::size_t place : {kWeight, kRecurrent}) {
      if (!trace_.is_constant(node_.inputs.at(place))) {
        throw InputError("the network computes its weights");
      }
    }
    std::string functions = node_.text("activations", "");
    std::transform(functions.begin(), functions.end(), functions.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const std::string one = node_.op == "LSTM"  ? "sigmoid,tanh,tanh"
                            : node_.op == "GRU" ? "sigmoid,tanh"
                                                : "tanh";
    if (!functions.empty() && functions != one && functions != one + "," + one) {
      throw InputError(fmt::format("activations {}, expected {}", functions, one));
    }
  }

  /// Values that the layer's do not follow.
  void note_inexact() {
    const auto tell = [&](const std::string& text) {
      trace_.note(fmt::format("{} \"{}\": {}", node_.op, node_.name, text));
      trace_.note_inexact(node_);
    };
    if (input(node_, kLengths) >= 0) tell("all sequences are taken to be full");
    if (node_.numbers.contains("clip")) tell("not clipped");
    for (const std::size_t place : {kHidden, kCell}) {
      const int id = input(node_, place);
      if (id < 0 || !trace_.is_constant(id)) continue;
      const auto& values = trace_.tensor(id).values;
      if (!values || !all_zero(*values)) tell("its constant initial state is taken to be zero");
    }
  }

  bool fits_bias(std::int64_t elements) const {
    const int bias = input(node_, kBias);
    return bias < 0 || product(trace_.shape(bias)) == elements;
  }

  bool reads(std::size_t output) const {
    return output < node_.outputs.size() && node_.outputs[output] >= 0 &&
           trace_.is_read(node_.outputs[output]);
  }

  /// Of each direction; nothing where it is left out or constant.
  std::vector<std::string> initial_state(std::size_t place) {
    const int id = input(node_, place);
    if (id < 0 || trace_.is_constant(id)) return {};
    const TensorLayout& from = trace_.layout(id);
    if (from.axes.size() != 3) throw InputError("expected an initial state of 3 axes");
    const std::vector<std::size_t> order =
        batch_first_ ? std::vector<std::size_t>{0, 1, 2} : std::vector<std::size_t>{1, 0, 2};
    const std::int64_t columns = static_cast<std::int64_t>(directions_) * hidden_;
    const Shape shape = rows_ == 1 ? Shape{columns} : Shape{rows_, columns};
    const std::string all = trace_.arranged(from, order, shape, false, node_.name).tensor;
    if (directions_ == 1) return {all};
    return trace_.add_parts("split", node_.name + ".initial", all, directions_,
                            {{"axis", {static_cast<std::int64_t>(shape.size())}},
                             {"sizes", std::vector<std::int64_t>(directions_, hidden_)}});
  }

  void emit_direction(std::size_t direction, const std::string& x,
                      const std::array<std::vector<std::string>, 2>& states) {
    const bool back = node_.text("direction", "forward") == "reverse" || direction == 1;
    keeps_sequence_ = reads(kSequence) || (!reads(kLastHidden) && !reads(kLastCell));
    const bool cell = reads(kLastCell);
    const std::size_t parts =
        (keeps_sequence_ ? 1U : 0U) + (reads(kLastHidden) || cell ? 1U : 0U) + (cell ? 1U : 0U);
    std::string op = node_.op;
    std::transform(op.begin(), op.end(), op.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const bool biased = input(node_, kBias) >= 0;
    const std::string name =
        directions_ == 1 ? node_.name : node_.name + (direction == 0 ? ".forward" : ".backward");
    RawAttributes attributes{{"hidden", {hidden_}},
                             {"bias", {biased ? 1 : 0}},
                             {"reverse", {back ? 1 : 0}},
                             {"sequence", {keeps_sequence_ ? 1 : 0}},
                             {"sequences", {rows_}}};
    if (resets_first(node_)) attributes["reset_after"] = {0};
    const std::vector<std::string> made =
        trace_.add_parts(op, name, x, parts, std::move(attributes));
    for (const std::vector<std::string>& state : states) {
      if (!state.empty()) trace_.feed(state[direction]);
    }
    bind_parameters(direction, biased);
    std::size_t next = 0;
    if (keeps_sequence_) sequence_parts_.push_back(made[next++]);
    if (next < made.size()) hidden_parts_.push_back(made[next++]);
    if (next < made.size()) cell_parts_.push_back(made[next]);
  }

  void bind_parameters(std::size_t direction, bool biased) {
    const std::size_t count = directions_;
    // Rows of the gates [first, end) as columns.
    const auto transposed = [&](const char* name, int id, std::int64_t first, std::int64_t end) {
      const Shape& shape = trace_.shape(id);
      const std::int64_t features = shape[2];
      trace_.bind(name, {id}, [=, rows = hidden_](const Numbers& n) {
        const std::vector<float> all = part(n[0], direction, count);
        const auto begin = all.begin() + static_cast<std::ptrdiff_t>(first * rows * features);
        const auto size = static_cast<std::ptrdiff_t>((end - first) * rows * features);
        return permuted({begin, begin + size}, {(end - first) * rows, features}, {1, 0});
      });
    };
    const std::int64_t gates = trace_.shape(node_.inputs[kWeight])[1] / hidden_;
    transposed("weight", node_.inputs[kWeight], 0, gates);
    if (resets_first(node_)) {
      transposed("recurrent", node_.inputs[kRecurrent], 0, 2);
      transposed("recurrent_candidate", node_.inputs[kRecurrent], 2, 3);
    } else {
      transposed("recurrent", node_.inputs[kRecurrent], 0, gates);
    }
    if (!biased) return;
    for (const std::size_t half : {0U, 1U}) {
      trace_.bind(half == 0 ? "bias" : "recurrent_bias", {node_.inputs[kBias]},
                  [direction, count, half](const Numbers& n) {
                    return part(n[0], 2 * direction + half, 2 * count);
                  });
    }
  }

  /// Directions side by side.
  std::string joined(const std::vector<std::string>& parts, std::size_t axis,
                     const std::string& name) {
    if (parts.size() == 1) return parts[0];
    const std::string whole =
        trace_.add("concat", name, {parts[0]}, {{"axis", {static_cast<std::int64_t>(axis)}}});
    trace_.feed(parts[1]);
    return whole;
  }

  /// Factors are sequences, tokens, directions, features; those of one are left out.
  void set_sequence() {
    TensorLayout layout;
    layout.tensor = joined(sequence_parts_, 2, node_.name + ".sequence");
    const std::int64_t columns = static_cast<std::int64_t>(directions_) * hidden_;
    layout.shape = {rows_ * tokens_, columns};
    layout.axes.resize(4);
    const std::size_t direction_axis = batch_first_ ? 2 : 1;
    const std::size_t row_axis = batch_first_ ? 0 : 2;
    if (batched_) layout.axes[row_axis].push_back(kBatchFactor);
    add_factor(layout, row_axis, rows_);
    add_factor(layout, time_, tokens_);
    add_factor(layout, direction_axis, static_cast<std::int64_t>(directions_));
    add_factor(layout, 3, hidden_);
    trace_.set_layout(node_.outputs[kSequence], layout);
  }

  void set_state(std::size_t output, const std::vector<std::string>& parts) {
    TensorLayout layout;
    const char* const suffix = output == kLastCell ? ".last_cell" : ".last";
    layout.tensor = joined(parts, rows_ == 1 ? 1 : 2, node_.name + suffix);
    const std::int64_t columns = static_cast<std::int64_t>(directions_) * hidden_;
    layout.shape = rows_ == 1 ? Shape{columns} : Shape{rows_, columns};
    layout.axes.resize(3);
    const std::size_t row_axis = batch_first_ ? 0 : 1;
    if (batched_) layout.axes[row_axis].push_back(kBatchFactor);
    add_factor(layout, row_axis, rows_);
    add_factor(layout, 1 - row_axis, static_cast<std::int64_t>(directions_));
    add_factor(layout, 2, hidden_);
    trace_.set_layout(node_.outputs[output], layout);
  }

  static void add_factor(TensorLayout& layout, std::size_t axis, std::int64_t extent) {
    if (extent == 1) return;
    layout.axes[axis].push_back(static_cast<int>(layout.factors.size()));
    layout.factors.push_back(extent);
  }

  const NetNode& node_;
  TraceBuilder& trace_;
  bool batch_first_ = false;
  bool batched_ = false;  ///< the sequences are the network's batch
  bool keeps_sequence_ = true;
  std::size_t time_ = 0;  ///< axis of the tokens
  std::int64_t tokens_ = 1;
  std::int64_t rows_ = 1;  ///< sequences of a batch element
  std::int64_t hidden_ = 1;
  std::size_t directions_ = 1;
  std::vector<std::string> sequence_parts_;  ///< of each direction
  std::vector<std::string> hidden_parts_;
  std::vector<std::string> cell_parts_;
};

}  // namespace

void lower_recurrent(const NetNode& node, TraceBuilder& trace) {
  RecurrentLowering(node, trace).emit();
}

}  // namespace mxsim
