// A word of more bits is never cheaper, whatever the buffer and the cells.
#include "models/energy/sram_table.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

#include "tests/property/drawn_networks.h"
#include "tests/support/technology.h"

namespace mxsim {
namespace {

using testing::draw;

constexpr double kRounding = 1 + 1e-12;

const SramTable& drawn_table() {
  static std::map<std::pair<int, std::string>, SramTable> tables;
  const int node = *rc::gen::element(22, 32, 45, 65);
  const std::string cell = *rc::gen::element<std::string>("itrs-lstp", "itrs-hp", "itrs-lop");
  SramTable& table = tables[{node, cell}];
  if (table.points().empty()) {
    table = load_sram_table(MXSIM_ROOT "/configs/technology/sram_cacti.csv", node, cell);
  }
  return table;
}

RC_GTEST_PROP(SramPrices, OfTheSameBytesNeverFallWhenAWordWidens, ()) {
  const SramTable& table = drawn_table();
  const std::int64_t banks = std::int64_t{1} << draw(0, 5);
  const std::int64_t bytes = draw(1, 64) * (std::int64_t{64} << draw(0, 16));
  const SramAccess access = *rc::gen::element(SramAccess::kMacro, SramAccess::kBank);
  std::int64_t bits = draw(1, 64);
  SramMacro narrow = table.buffer(bytes, bits, banks, access);
  while (bits < 65536) {
    bits += draw(0, 1) == 0 ? draw(1, 8) : draw(1, bits);
    const SramMacro wide = table.buffer(bytes, bits, banks, access);
    RC_ASSERT(wide.read_pj * kRounding >= narrow.read_pj);
    RC_ASSERT(wide.write_pj * kRounding >= narrow.write_pj);
    RC_ASSERT(wide.area_mm2 * kRounding >= narrow.area_mm2);
    narrow = wide;
  }
}

/// One tabulated word of these bytes costs as CACTI says or less, where a wider one costs less.
RC_GTEST_PROP(SramPrices, NeverExceedTheTableAndEqualItWhereNoWiderWordIsCheaper, ()) {
  const SramTable& table = drawn_table();
  const SramPoint& point = *rc::gen::elementOf(table.points());
  const SramMacro priced = table.buffer(point.capacity_bytes, point.width_bits, point.banks);
  RC_ASSERT(priced.read_pj <= point.read_pj);
  RC_ASSERT(priced.write_pj <= point.write_pj);
  RC_ASSERT(priced.area_mm2 <= point.area_mm2);
  if (priced.match == SramMatch::kExact) {
    RC_ASSERT(priced.read_pj == point.read_pj && priced.write_pj == point.write_pj &&
              priced.area_mm2 == point.area_mm2);
  }
}

}  // namespace
}  // namespace mxsim
