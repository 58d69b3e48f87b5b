#include "sim/explore/pareto_front.h"

#include <algorithm>
#include <numeric>

namespace mxsim {
namespace {

bool beats(const std::vector<double>& a, const std::vector<double>& b) {
  return a != b && std::equal(a.begin(), a.end(), b.begin(), std::less_equal<>());
}

}  // namespace

std::vector<bool> pareto_front(const std::vector<std::vector<double>>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<bool> on_front(values.size());
  std::vector<std::size_t> front;
  // What beats a vector sorts before it, and so does one on the front that beats it.
  for (const std::size_t candidate : order) {
    on_front[candidate] = std::none_of(front.begin(), front.end(), [&](std::size_t member) {
      return beats(values[member], values[candidate]);
    });
    if (on_front[candidate]) front.push_back(candidate);
  }
  return on_front;
}

}  // namespace mxsim
