#include "sim/import/lowering/scalar_function.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <optional>

namespace mxsim {
namespace {

using Value = std::optional<double>;

/// Value of a tensor where `root` is x; nothing where other operators or tensors take part.
class Evaluation {
 public:
  Evaluation(const NodeIndex& index, int root, double x) : index_(index), root_(root), x_(x) {}

  Value of(int tensor, int depth = 0) const {
    constexpr int kDeepest = 12;
    if (tensor < 0 || depth > kDeepest) return std::nullopt;
    if (tensor == root_) return x_;
    if (const auto number = index_.number(tensor)) return static_cast<double>(*number);
    const int maker = index_.maker(tensor);
    if (maker < 0) return std::nullopt;
    const NetNode& node = index_.node(maker);
    const Value first = of(node.inputs.at(0), depth + 1);
    if (!first) return std::nullopt;
    if (node.op == "Erf") return std::erf(*first);
    if (node.op == "Tanh") return std::tanh(*first);
    if (node.op == "Clip") return clipped(maker, *first);
    if (node.inputs.size() != 2) return std::nullopt;
    return combined(node.op, *first, of(node.inputs[1], depth + 1));
  }

 private:
  static Value combined(const std::string& op, double a, Value b) {
    if (!b) return std::nullopt;
    if (op == "Add") return a + *b;
    if (op == "Sub") return a - *b;
    if (op == "Mul") return a * *b;
    if (op == "Div") return a / *b;
    if (op == "Pow") return std::pow(a, *b);
    return std::nullopt;
  }

  Value clipped(int node, double x) const {
    const auto limits = index_.clip_limits(node);
    if (!limits) return std::nullopt;
    return std::min(std::max(x, limits->low), limits->high);
  }

  const NodeIndex& index_;
  int root_;
  double x_;
};

template <class Function>
bool agrees(const NodeIndex& index, int tensor, int root, Function function) {
  constexpr std::array<double, 12> kPoints{-6, -3.5, -2, -1, -0.5, -0.25, 0.25, 0.5, 1, 2, 3.5, 6};
  constexpr double kTolerance = 1e-3;
  if (root < 0 || tensor < 0 || index.is_constant(root)) return false;
  if (index.shape(tensor) != index.shape(root)) return false;
  return std::all_of(kPoints.begin(), kPoints.end(), [&](double x) {
    const Value value = Evaluation(index, root, x).of(tensor);
    return value && std::abs(*value - function(x)) <= kTolerance * std::max(1.0, std::abs(x));
  });
}

}  // namespace

bool is_function(const NodeIndex& index, int tensor, int root, double (*function)(double x)) {
  return agrees(index, tensor, root, function);
}

bool is_hard_swish(const NodeIndex& index, int tensor, int root, double alpha, double beta) {
  return agrees(index, tensor, root,
                [&](double x) { return x * std::clamp(alpha * x + beta, 0.0, 1.0); });
}

double exact_gelu(double x) { return x / 2 * (1 + std::erf(x / std::numbers::sqrt2)); }

double tanh_gelu(double x) {
  constexpr double kCubic = 0.044715;
  const double scale = std::sqrt(2 / std::numbers::pi);
  return x / 2 * (1 + std::tanh(scale * (x + kCubic * x * x * x)));
}

}  // namespace mxsim
