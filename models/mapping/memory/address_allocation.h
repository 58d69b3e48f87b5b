#pragma once

#include <cstdint>
#include <vector>

#include "models/mapping/memory/tensor_lifetime.h"

namespace mxsim {

/// Bytes that are needed for a while.
struct Tenant {
  std::int64_t bytes = 0;
  Lifetime life;
};

/// A first address for each tenant, multiples of `alignment` from 0 on, so that no two whose lives
/// overlap share a byte: the largest tenant first, each at the lowest place that is free all its
/// life. Needs the sum of all bytes below 2^63.
std::vector<std::int64_t> allocate(const std::vector<Tenant>& tenants, std::int64_t alignment);

}  // namespace mxsim
