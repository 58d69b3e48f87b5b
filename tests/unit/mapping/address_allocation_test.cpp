#include "models/mapping/memory/address_allocation.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "models/core/rng.h"

namespace mxsim {
namespace {

std::vector<Tenant> drawn_tenants(std::uint64_t seed, std::size_t count) {
  const CounterRng rng(seed, "tenants");
  std::uint64_t k = 0;
  const auto draw = [&](std::uint64_t limit) {
    return static_cast<std::int64_t>(rng.bits(k++) % limit);
  };
  std::vector<Tenant> tenants;
  for (std::size_t i = 0; i < count; ++i) {
    const auto first = static_cast<std::int32_t>(draw(50));
    tenants.push_back({draw(5000), {first, first + static_cast<std::int32_t>(draw(12))}});
  }
  return tenants;
}

TEST(Allocation, NoTwoTenantsThatLiveAtTheSameTimeShareAByte) {
  constexpr std::int64_t kAlignment = 64;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const std::vector<Tenant> tenants = drawn_tenants(seed, 120);
    const std::vector<std::int64_t> bases = allocate(tenants, kAlignment);
    for (std::size_t i = 0; i < tenants.size(); ++i) {
      EXPECT_EQ(bases[i] % kAlignment, 0);
      EXPECT_GE(bases[i], 0);
      for (std::size_t j = 0; j < i; ++j) {
        if (!tenants[i].life.overlaps(tenants[j].life)) continue;
        EXPECT_TRUE(bases[i] + tenants[i].bytes <= bases[j] ||
                    bases[j] + tenants[j].bytes <= bases[i])
            << seed << ": " << i << ", " << j;
      }
    }
  }
}

TEST(Allocation, UsesThePlaceOfTheDeadAgain) {
  const std::vector<std::int64_t> bases =
      allocate({{100, {0, 1}}, {100, {1, 2}}, {100, {2, 3}}, {50, {3, 4}}}, 1);
  EXPECT_EQ(bases, (std::vector<std::int64_t>{0, 100, 0, 100}));
}

TEST(Allocation, OfEqualLivesIsWithoutGaps) {
  const std::vector<Tenant> tenants(7, Tenant{64, {0, 3}});
  std::vector<std::int64_t> bases = allocate(tenants, 64);
  std::sort(bases.begin(), bases.end());
  for (std::size_t i = 0; i < bases.size(); ++i) {
    EXPECT_EQ(bases[i], static_cast<std::int64_t>(64 * i));
  }
}

}  // namespace
}  // namespace mxsim
