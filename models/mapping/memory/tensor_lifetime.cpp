#include "models/mapping/memory/tensor_lifetime.h"

#include <algorithm>

#include "models/workload/group_tensors.h"

namespace mxsim {
namespace {

constexpr std::int32_t kNever = -1;

struct Uses {
  std::int32_t first_read = kNever;
  std::int32_t last_read = kNever;
  std::int32_t first_write = kNever;
  std::int32_t last_write = kNever;
};

std::vector<Uses> uses_of(const OpList& ops) {
  std::vector<Uses> uses(ops.tensors.size());
  for (std::size_t g = 0; g < ops.groups.size(); ++g) {
    const auto group = static_cast<std::int32_t>(g);
    for (const TensorId id : tensors_read(ops.groups[g])) {
      Uses& use = uses[static_cast<std::size_t>(id)];
      if (use.first_read == kNever) use.first_read = group;
      use.last_read = group;
    }
    for (const TensorId id : tensors_written(ops.groups[g])) {
      Uses& use = uses[static_cast<std::size_t>(id)];
      if (use.first_write == kNever) use.first_write = group;
      use.last_write = group;
    }
  }
  return uses;
}

/// From the first to the last group that touches the tensor.
Lifetime own_uses(const Uses& use) {
  const auto first = [](std::int32_t a, std::int32_t b) {
    return a == kNever || (b != kNever && b < a) ? b : a;
  };
  return {std::max<std::int32_t>(0, first(use.first_read, use.first_write)),
          std::max<std::int32_t>({0, use.last_read, use.last_write})};
}

}  // namespace

std::vector<Lifetime> tensor_lifetimes(const OpList& ops) {
  const auto end = std::max<std::int32_t>(0, static_cast<std::int32_t>(ops.groups.size()) - 1);
  std::vector<Lifetime> lifetimes;
  const std::vector<Uses> uses = uses_of(ops);
  for (std::size_t id = 0; id < uses.size(); ++id) {
    const Uses& use = uses[id];
    if (ops.tensors[id].passing) {
      lifetimes.push_back(own_uses(use));
      continue;
    }
    const bool given = use.first_write == kNever ||
                       (use.first_read != kNever && use.first_read <= use.first_write);
    if (given) {
      lifetimes.push_back({0, end});
    } else {
      const bool ends = use.last_read > use.last_write && !ops.tensors[id].lasting;
      lifetimes.push_back({use.first_write, ends ? use.last_read : end});
    }
  }
  return lifetimes;
}

}  // namespace mxsim
