#include "models/workload/kinds/expert_load.h"

#include <algorithm>
#include <cmath>

namespace mxsim {
namespace {

std::int64_t expected_active(std::int64_t rows, std::int64_t experts, std::int64_t top_k) {
  const double left = 1 - static_cast<double>(top_k) / static_cast<double>(experts);
  double unused = 1;  // chance that no token picks an expert
  for (std::int64_t token = 0; token < rows / top_k && unused > 1e-9; ++token) unused *= left;
  return std::llround(static_cast<double>(experts) * (1 - unused));
}

}  // namespace

ExpertLoad expert_load(std::int64_t rows, std::int64_t experts, std::int64_t top_k,
                       std::int64_t stated) {
  ExpertLoad load;
  const std::int64_t wanted = stated > 0 ? stated : expected_active(rows, experts, top_k);
  load.active = std::clamp<std::int64_t>(wanted, 1, std::min(rows, experts));
  const std::int64_t each = rows / load.active;
  const std::int64_t more = rows % load.active;
  load.classes = {{{more, each + 1}, {load.active - more, each}}};
  return load;
}

}  // namespace mxsim
