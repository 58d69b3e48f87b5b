#include "models/mapping/memory/address_allocation.h"

#include <algorithm>
#include <numeric>

#include "models/core/units.h"

namespace mxsim {
namespace {

struct Place {
  std::int64_t begin;
  std::int64_t end;
  Lifetime life;
};

/// The lowest address with `bytes` free among `placed`, which stand in the order of their begins.
std::int64_t lowest_free(const std::vector<Place>& placed, const Tenant& tenant,
                         std::int64_t bytes) {
  std::int64_t at = 0;
  for (const Place& place : placed) {
    if (!place.life.overlaps(tenant.life)) continue;
    if (place.begin >= at + bytes) break;
    at = std::max(at, place.end);
  }
  return at;
}

}  // namespace

std::vector<std::int64_t> allocate(const std::vector<Tenant>& tenants, std::int64_t alignment) {
  std::vector<std::size_t> order(tenants.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return tenants[a].bytes > tenants[b].bytes;
  });
  std::vector<std::int64_t> bases(tenants.size(), 0);
  std::vector<Place> placed;
  for (const std::size_t i : order) {
    const std::int64_t bytes = round_up(tenants[i].bytes, alignment);
    if (bytes == 0) continue;
    const std::int64_t at = lowest_free(placed, tenants[i], bytes);
    bases[i] = at;
    const auto next = std::upper_bound(
        placed.begin(), placed.end(), at,
        [](std::int64_t begin, const Place& place) { return begin < place.begin; });
    placed.insert(next, {at, at + bytes, tenants[i].life});
  }
  return bases;
}

}  // namespace mxsim
