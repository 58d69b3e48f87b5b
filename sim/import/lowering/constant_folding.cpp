#include "sim/import/lowering/constant_folding.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace mxsim {
namespace {

using Numbers = std::vector<long double>;

/// Places of a row-major tensor, counted through.
class Counter {
 public:
  explicit Counter(const Shape& shape) : shape_(shape), place_(shape.size(), 0) {}
  const Shape& place() const { return place_; }
  void next() {
    for (std::size_t i = shape_.size(); i-- > 0;) {
      if (++place_[i] < shape_[i]) return;
      place_[i] = 0;
    }
  }

 private:
  Shape shape_;
  Shape place_;
};

/// Index into `shape` of a place in a tensor that it is stretched to.
std::size_t stretched_index(const Shape& shape, const Shape& place) {
  std::size_t index = 0;
  const std::size_t skipped = place.size() - shape.size();
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const std::int64_t at = shape[i] == 1 ? 0 : place[i + skipped];
    index = index * static_cast<std::size_t>(shape[i]) + static_cast<std::size_t>(at);
  }
  return index;
}

/// A node and its constant inputs.
struct Folding {
  const NetNode& node;
  const std::vector<NetTensor>& tensors;
  const Shape& shape;  ///< of the result

  std::size_t count() const { return static_cast<std::size_t>(elements(shape)); }
  bool has(std::size_t i) const { return i < node.inputs.size() && node.inputs[i] >= 0; }
  const NetTensor& input(std::size_t i) const {
    return tensors[static_cast<std::size_t>(node.inputs[i])];
  }
  const Numbers& numbers(std::size_t i) const { return input(i).values->numbers; }
};

template <class Function>
Numbers fold_stretched(const Folding& f, Function function) {
  Numbers result(f.count());
  Counter counter(f.shape);
  Numbers arguments(f.node.inputs.size());
  for (long double& value : result) {
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      const Shape& shape = f.input(i).shape;
      if (shape.size() > f.shape.size()) return {};
      arguments[i] = f.numbers(i).at(stretched_index(shape, counter.place()));
    }
    value = function(arguments);
    counter.next();
  }
  return result;
}

Numbers fold_same(const Folding& f) { return f.numbers(0); }

Numbers fold_cast(const Folding& f) {
  constexpr std::int64_t kFloat = 1;
  constexpr std::int64_t kBool = 9;
  constexpr std::int64_t kFloat16 = 10;
  constexpr std::int64_t kDouble = 11;
  constexpr std::int64_t kBfloat16 = 16;
  const std::int64_t to = f.node.integer("to", kFloat);
  Numbers result = f.numbers(0);
  if (to == kFloat || to == kFloat16 || to == kDouble || to == kBfloat16) return result;
  for (long double& value : result) value = to == kBool ? value != 0 : std::trunc(value);
  return result;
}

Numbers fold_gather(const Folding& f) {
  const Shape& data = f.input(0).shape;
  const Shape& places = f.input(1).shape;
  const std::int64_t given = f.node.integer("axis", 0);
  const auto rank = static_cast<std::int64_t>(data.size());
  const auto axis = static_cast<std::size_t>(given < 0 ? given + rank : given);
  if (axis >= data.size()) return {};
  Numbers result(f.count());
  Counter counter(f.shape);
  for (long double& value : result) {
    const Shape& at = counter.place();
    Shape from(at.begin(), at.begin() + static_cast<std::ptrdiff_t>(axis));
    const Shape which(at.begin() + static_cast<std::ptrdiff_t>(axis),
                      at.begin() + static_cast<std::ptrdiff_t>(axis + places.size()));
    auto index = static_cast<std::int64_t>(f.numbers(1).at(stretched_index(places, which)));
    if (index < 0) index += data[axis];
    if (index < 0 || index >= data[axis]) return {};
    from.push_back(index);
    from.insert(from.end(), at.begin() + static_cast<std::ptrdiff_t>(axis + places.size()),
                at.end());
    value = f.numbers(0).at(stretched_index(data, from));
    counter.next();
  }
  return result;
}

std::vector<std::int64_t> whole_list(const Folding& f, std::size_t input, const char* attribute) {
  if (f.has(input)) {
    std::vector<std::int64_t> list;
    for (const long double value : f.numbers(input)) list.push_back(std::llroundl(value));
    return list;
  }
  const auto found = f.node.integers.find(attribute);
  return found == f.node.integers.end() ? std::vector<std::int64_t>{} : found->second;
}

Numbers fold_slice(const Folding& f) {
  const Shape& data = f.input(0).shape;
  const auto rank = static_cast<std::int64_t>(data.size());
  const std::vector<std::int64_t> starts = whole_list(f, 1, "starts");
  std::vector<std::int64_t> axes = whole_list(f, 3, "axes");
  const std::vector<std::int64_t> steps = whole_list(f, 4, "steps");
  if (axes.empty()) {
    for (std::size_t i = 0; i < starts.size(); ++i) axes.push_back(static_cast<std::int64_t>(i));
  }
  Shape first(data.size(), 0);
  Shape step(data.size(), 1);
  for (std::size_t i = 0; i < starts.size() && i < axes.size(); ++i) {
    const auto axis = static_cast<std::size_t>(axes[i] < 0 ? axes[i] + rank : axes[i]);
    if (axis >= data.size()) return {};
    step[axis] = i < steps.size() ? steps[i] : 1;
    std::int64_t start = starts[i] < 0 ? starts[i] + data[axis] : starts[i];
    start = std::clamp<std::int64_t>(start, 0, step[axis] < 0 ? data[axis] - 1 : data[axis]);
    first[axis] = start;
  }
  Numbers result(f.count());
  Counter counter(f.shape);
  for (long double& value : result) {
    Shape from = counter.place();
    for (std::size_t i = 0; i < from.size(); ++i) from[i] = first[i] + from[i] * step[i];
    value = f.numbers(0).at(stretched_index(data, from));
    counter.next();
  }
  return result;
}

Numbers fold_concat(const Folding& f) {
  const std::int64_t given = f.node.integer("axis", 0);
  const auto rank = static_cast<std::int64_t>(f.shape.size());
  const auto axis = static_cast<std::size_t>(given < 0 ? given + rank : given);
  if (axis >= f.shape.size()) return {};
  Numbers result(f.count());
  Counter counter(f.shape);
  for (long double& value : result) {
    Shape at = counter.place();
    std::size_t part = 0;
    while (part + 1 < f.node.inputs.size() && at[axis] >= f.input(part).shape.at(axis)) {
      at[axis] -= f.input(part++).shape.at(axis);
    }
    value = f.numbers(part).at(stretched_index(f.input(part).shape, at));
    counter.next();
  }
  return result;
}

Numbers fold_transpose(const Folding& f) {
  const Shape& data = f.input(0).shape;
  std::vector<std::int64_t> order = whole_list(f, 9, "perm");
  if (order.empty()) {
    for (std::size_t i = data.size(); i-- > 0;) order.push_back(static_cast<std::int64_t>(i));
  }
  if (order.size() != data.size()) return {};
  Numbers result(f.count());
  Counter counter(f.shape);
  for (long double& value : result) {
    Shape from(data.size());
    for (std::size_t i = 0; i < from.size(); ++i) {
      from.at(static_cast<std::size_t>(order[i])) = counter.place()[i];
    }
    value = f.numbers(0).at(stretched_index(data, from));
    counter.next();
  }
  return result;
}

Numbers fold_range(const Folding& f) {
  Numbers result(f.count());
  for (std::size_t i = 0; i < result.size(); ++i) {
    result[i] = f.numbers(0).at(0) + static_cast<long double>(i) * f.numbers(2).at(0);
  }
  return result;
}

Numbers fold_constant_of_shape(const Folding& f) {
  const auto found = f.node.numbers.find("value");
  return Numbers(f.count(), found == f.node.numbers.end() ? 0.0L : found->second);
}

Numbers fold_expand(const Folding& f) {
  Numbers result(f.count());
  Counter counter(f.shape);
  for (long double& value : result) {
    value = f.numbers(0).at(stretched_index(f.input(0).shape, counter.place()));
    counter.next();
  }
  return result;
}

Numbers fold_product(const Folding& f) {
  long double product = 1;
  for (const long double value : f.numbers(0)) product *= value;
  return f.count() == 1 ? Numbers{product} : Numbers{};
}

using Fold = std::function<Numbers(const Folding&)>;

template <class Function>
Fold unary(Function function) {
  return [function](const Folding& f) {
    Numbers result = f.numbers(0);
    for (long double& value : result) value = function(value);
    return result;
  };
}

template <class Function>
Fold binary(Function function) {
  return [function](const Folding& f) {
    if (f.node.inputs.size() != 2) return Numbers{};
    return fold_stretched(f, [&](const Numbers& a) { return function(a[0], a[1]); });
  };
}

long double divided(const Folding& f, long double a, long double b) {
  if (!f.input(0).whole) return a / b;
  return b == 0 ? 0.0L : std::trunc(a / b);
}

/// Of the divisor's sign, or of the dividend's.
long double modulo(const Numbers& a, bool keeps_sign) {
  if (a.at(1) == 0) return 0;
  return keeps_sign ? std::fmod(a[0], a[1]) : a[0] - a[1] * std::floor(a[0] / a[1]);
}

std::map<std::string, Fold> moving_folds() {
  return {{"Identity", fold_same}, {"Reshape", fold_same},
          {"Squeeze", fold_same},  {"Unsqueeze", fold_same},
          {"Flatten", fold_same},  {"Cast", fold_cast},
          {"Gather", fold_gather}, {"Slice", fold_slice},
          {"Concat", fold_concat}, {"Transpose", fold_transpose},
          {"Range", fold_range},   {"ConstantOfShape", fold_constant_of_shape},
          {"Expand", fold_expand}, {"ReduceProd", fold_product}};
}

long double truth(bool value) { return value ? 1 : 0; }

std::map<std::string, Fold> computing_folds() {
  using L = long double;
  return {
      {"Add", binary([](L a, L b) { return a + b; })},
      {"Sub", binary([](L a, L b) { return a - b; })},
      {"Mul", binary([](L a, L b) { return a * b; })},
      {"Max", binary([](L a, L b) { return std::max(a, b); })},
      {"Min", binary([](L a, L b) { return std::min(a, b); })},
      {"Pow", binary([](L a, L b) { return std::pow(a, b); })},
      {"Mod",
       [](const Folding& f) {
         const bool keeps_sign = f.node.integer("fmod", 0) != 0;
         return fold_stretched(f, [&](const Numbers& a) { return modulo(a, keeps_sign); });
       }},
      {"Equal", binary([](L a, L b) { return truth(a == b); })},
      {"Less", binary([](L a, L b) { return truth(a < b); })},
      {"LessOrEqual", binary([](L a, L b) { return truth(a <= b); })},
      {"Greater", binary([](L a, L b) { return truth(a > b); })},
      {"GreaterOrEqual", binary([](L a, L b) { return truth(a >= b); })},
      {"And", binary([](L a, L b) { return truth(a != 0 && b != 0); })},
      {"Or", binary([](L a, L b) { return truth(a != 0 || b != 0); })},
      {"Div",
       [](const Folding& f) {
         return fold_stretched(f, [&](const Numbers& a) { return divided(f, a[0], a[1]); });
       }},
      {"Where",
       [](const Folding& f) {
         return fold_stretched(f, [](const Numbers& a) { return a[0] != 0 ? a[1] : a[2]; });
       }},
      {"Neg", unary([](L a) { return -a; })},
      {"Not", unary([](L a) { return truth(a == 0); })},
      {"Abs", unary([](L a) { return std::fabs(a); })},
      {"Sqrt", unary([](L a) { return std::sqrt(a); })},
      {"Floor", unary([](L a) { return std::floor(a); })},
      {"Ceil", unary([](L a) { return std::ceil(a); })},
      {"Round", unary([](L a) { return std::nearbyint(a); })},
      {"Reciprocal", unary([](L a) { return 1 / a; })},
      {"Exp", unary([](L a) { return std::exp(a); })},
      {"Log", unary([](L a) { return std::log(a); })},
  };
}

}  // namespace

std::optional<ConstantValues> fold_constant(const NetNode& node,
                                            const std::vector<NetTensor>& tensors,
                                            const Shape& shape) {
  static const std::map<std::string, Fold> kFolds = [] {
    std::map<std::string, Fold> all = moving_folds();
    all.merge(computing_folds());
    return all;
  }();
  const auto found = kFolds.find(node.op);
  const auto count = checked_elements(shape);
  if (found == kFolds.end() || !count || *count > kMostFoldedElements) return std::nullopt;
  for (const int input : node.inputs) {
    if (input >= 0 && !tensors[static_cast<std::size_t>(input)].values) return std::nullopt;
  }
  ConstantValues folded{found->second({node, tensors, shape}), false};
  if (folded.numbers.size() != static_cast<std::size_t>(*count)) return std::nullopt;
  folded.whole = std::all_of(folded.numbers.begin(), folded.numbers.end(),
                             [](long double value) { return value == std::trunc(value); });
  return folded;
}

}  // namespace mxsim
