#include <algorithm>
#include <cmath>
#include <numbers>

#include "models/workload/kinds/elementwise_row.h"

namespace mxsim {

// FP32 operations an element. x: input, y: result, dy: its gradient; s: the logistic function.

/// Functions of arithmetic.
std::vector<ElementwiseRow> function_rows() {
  return {
      {"exp",
       {exponential(1)},
       {exponential(1), mul(1)},
       element([](auto x) { return std::exp(x); }),
       element([](auto dy, auto x) { return dy * std::exp(x); })},
      {"log",
       {logarithm(1)},
       {divide(1)},
       element([](auto x) { return std::log(x); }),
       element([](auto dy, auto x) { return dy / x; })},
      {"sqrt",
       {root(1)},
       {root(1), mul(1), divide(1)},
       element([](auto x) { return std::sqrt(x); }),
       element([](auto dy, auto x) { return dy / (2 * std::sqrt(x)); })},
      {"rsqrt",
       {root(1), divide(1)},
       {root(1), mul(2), divide(1)},
       element([](auto x) { return 1 / std::sqrt(x); }),
       element([](auto dy, auto x) { return dy / (-2 * x * std::sqrt(x)); })},
      {"square",
       {mul(1)},
       {mul(2)},
       element([](auto x) { return x * x; }),
       element([](auto dy, auto x) { return dy * (2 * x); })},
      // costs of Abramowitz and Stegun 7.1.26, values of the C library; dy 2 / sqrt(pi) exp(-x^2)
      {"erf",
       {mul(7), add(7), compare(1), exponential(1), divide(1)},
       {mul(3), exponential(1)},
       element([](auto x) { return std::erf(x); }),
       element([](auto dy, auto x) {
         return dy * (decltype(x)(2 * std::numbers::inv_sqrtpi) * std::exp(-x * x));
       })},
  };
}

}  // namespace mxsim
