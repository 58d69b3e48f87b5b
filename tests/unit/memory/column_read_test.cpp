#include "models/memory/column_read.h"

#include <gtest/gtest.h>

#include <numeric>

#include "models/core/units.h"

namespace mxsim {
namespace {

TEST(ColumnRead, MeetsAsManyBanksAsThePitchReaches) {
  for (std::int64_t banks = 1; banks <= 16; ++banks) {
    for (std::int64_t pitch = 1; pitch <= 20; ++pitch) {
      const std::int64_t reached = banks / std::gcd(pitch, banks);
      for (const std::int64_t ports : {1, 2}) {
        for (const std::int64_t elements : {1, 5, 16, 33}) {
          EXPECT_EQ((ColumnRead{pitch * 64, 64, banks, ports}.cycles(elements)),
                    ceil_div(ceil_div(elements, reached), ports));
        }
      }
    }
  }
}

// Rows of a quarter of a word: four elements of a column share a bank, the next four have the next.
TEST(ColumnRead, FindsNeighboursOfNarrowRowsInOneBank) {
  const ColumnRead column{16, 64, 4, 1};
  EXPECT_EQ(column.cycles(4), 4);
  EXPECT_EQ(column.cycles(8), 4);
  EXPECT_EQ(column.cycles(16), 4);
  EXPECT_EQ(column.cycles(20), 8);
}

}  // namespace
}  // namespace mxsim
