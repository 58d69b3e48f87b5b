#include "models/energy/sram_table.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "models/core/error.h"
#include "tests/support/csv.h"
#include "tests/support/technology.h"

namespace mxsim {
namespace {

const std::string kTable = MXSIM_ROOT "/configs/technology/sram_cacti.csv";

const std::vector<std::pair<int, std::string>> kTables = [] {
  std::vector<std::pair<int, std::string>> all;
  for (const int node : {22, 32, 45, 65}) {
    for (const char* cell : {"itrs-lstp", "itrs-hp", "itrs-lop"}) all.emplace_back(node, cell);
  }
  return all;
}();

TEST(SramTable, EveryTabulatedMacroIsReturnedExactlyWithTheLeakageOfAllItsBanks) {
  std::map<std::pair<int, std::string>, SramTable> tables;
  for (const auto& key : kTables) tables[key] = load_sram_table(kTable, key.first, key.second);
  std::size_t rows = 0;
  for (auto& row : read_csv(kTable)) {
    const SramTable& table = tables.at({std::stoi(row["node_nm"]), row["cell"]});
    const double banks = std::stod(row["banks"]);
    const SramMacro macro = table.macro(std::stoll(row["capacity_B"]), std::stoll(row["width_bit"]),
                                        std::stoll(row["banks"]));
    EXPECT_EQ(macro.match, SramMatch::kExact);
    EXPECT_EQ(macro.read_pj, std::stod(row["e_read_pj"]));
    EXPECT_EQ(macro.write_pj, std::stod(row["e_write_pj"]));
    EXPECT_EQ(macro.leakage_mw,
              (std::stod(row["leak_mw"]) + std::stod(row["gate_leak_mw"])) * banks);
    EXPECT_EQ(macro.area_mm2, std::stod(row["area_mm2_total"]));
    ++rows;
  }
  EXPECT_EQ(rows, 1908u);
}

// The table has one bank count of LOP cells, two of HP cells, and four of LSTP cells.
TEST(SramTable, BankCountsThatACellLacksFollowTheRatioOfTheCellThatHasThem) {
  const SramTable lstp = load_sram_table(kTable, 45, "itrs-lstp");
  for (const char* cell : {"itrs-lop", "itrs-hp"}) {
    const SramTable table = load_sram_table(kTable, 45, cell);
    const SramMacro one = table.macro(262144, 1024, 1);
    const SramMacro four = table.macro(262144, 1024, 4);
    const SramMacro lstp_one = lstp.macro(262144, 1024, 1);
    const SramMacro lstp_four = lstp.macro(262144, 1024, 4);
    EXPECT_EQ(four.match, SramMatch::kInterpolated);
    EXPECT_NEAR(four.read_pj / one.read_pj, lstp_four.read_pj / lstp_one.read_pj, 1e-12);
    EXPECT_NEAR(four.write_pj / one.write_pj, lstp_four.write_pj / lstp_one.write_pj, 1e-12);
    EXPECT_NEAR(four.leakage_mw / one.leakage_mw, lstp_four.leakage_mw / lstp_one.leakage_mw,
                1e-12);
    EXPECT_NEAR(four.area_mm2 / one.area_mm2, lstp_four.area_mm2 / lstp_one.area_mm2, 1e-12);
  }
  // 90.2854 x 533.338 / 189.712
  EXPECT_NEAR(load_sram_table(kTable, 45, "itrs-lop").macro(262144, 1024, 4).read_pj, 253.82, 0.01);
}

TEST(SramTable, ABufferPricedByTheBankPaysAMacroOfOneBanksSizeAndLeaksAndCoversTheWhole) {
  const SramTable table = load_sram_table(kTable, 45, "itrs-lstp");
  for (const std::int64_t width : {64, 256, 1024}) {
    const SramMacro whole = table.buffer(262144, width, 4);
    const SramMacro by_bank = table.buffer(262144, width, 4, SramAccess::kBank);
    const SramMacro bank = table.macro(65536, width, 1);
    EXPECT_EQ(by_bank.read_pj, bank.read_pj);
    EXPECT_EQ(by_bank.write_pj, bank.write_pj);
    EXPECT_EQ(by_bank.leakage_mw, whole.leakage_mw);
    EXPECT_EQ(by_bank.area_mm2, whole.area_mm2);
    EXPECT_LT(by_bank.read_pj, whole.read_pj);
  }
  EXPECT_EQ(table.buffer(65536, 256, 1, SramAccess::kBank).read_pj,
            table.buffer(65536, 256, 1).read_pj);
}

// The table's columns: capacity is that of the whole macro (a bank of four leaks about what a macro
// of a quarter of the size does), so the energy of an access to four banks holds the way to one.
TEST(SramTable, ABankOfAMacroLeaksAboutAsMuchAsAMacroOfItsSize) {
  const SramTable table = load_sram_table(kTable, 45, "itrs-lstp");
  for (const std::int64_t kib : {256, 512, 1024}) {
    const double bank = table.macro(kib * 1024, 256, 4).leakage_mw / 4;
    const double alone = table.macro(kib * 256, 256, 1).leakage_mw;
    EXPECT_NEAR(bank / alone, 1, 0.25) << kib;
  }
}

using Curve = std::map<std::int64_t, SramPoint>;

// Each inner point of every capacity curve, predicted from the curve without it.
std::pair<double, double> leave_one_out_error(const SramTable& table, std::int64_t banks) {
  std::map<std::int64_t, Curve> curves;
  for (const SramPoint& p : table.points()) {
    if (p.banks == banks) curves[p.width_bits][p.capacity_bytes] = p;
  }
  double read = 0;
  double write = 0;
  int count = 0;
  for (const auto& [width, curve] : curves) {
    for (auto left_out = std::next(curve.begin()); left_out != std::prev(curve.end()); ++left_out) {
      std::vector<SramPoint> rest;
      for (const auto& [capacity, point] : curve) {
        if (capacity != left_out->first) rest.push_back(point);
      }
      const SramMacro guess = SramTable(rest).macro(left_out->first, width, banks);
      EXPECT_EQ(guess.match, SramMatch::kInterpolated);
      read += std::abs(guess.read_pj / left_out->second.read_pj - 1);
      write += std::abs(guess.write_pj / left_out->second.write_pj - 1);
      ++count;
    }
  }
  return {read / count, write / count};
}

TEST(SramTable, LeaveOneOutErrorAlongCapacityIsTheStatedSixAndTenPercent) {
  double read = 0;
  double write = 0;
  for (const auto& [node, cell] : kTables) {
    const auto [r, w] = leave_one_out_error(load_sram_table(kTable, node, cell), 1);
    read += r / static_cast<double>(kTables.size());
    write += w / static_cast<double>(kTables.size());
  }
  EXPECT_NEAR(read, 0.056, 0.001);
  EXPECT_NEAR(write, 0.096, 0.005);
}

SramPoint point(std::int64_t capacity, std::int64_t width, std::int64_t banks, double scale) {
  return {capacity, width, banks, scale, 2 * scale, scale / 10, scale / 100};
}

TEST(SramTable, ValuesBetweenTwoPointsLieOnAStraightLineOfTheLogLogPlot) {
  const SramTable table({point(1024, 32, 1, 1), point(4096, 32, 1, 9), point(1024, 128, 1, 4),
                         point(4096, 128, 1, 36)});
  EXPECT_NEAR(table.macro(2048, 32, 1).read_pj, 3, 1e-12);
  EXPECT_NEAR(table.macro(2048, 32, 1).area_mm2, 0.03, 1e-12);
  EXPECT_NEAR(table.macro(1024, 64, 1).read_pj, 2, 1e-12);
  EXPECT_NEAR(table.macro(2048, 64, 1).write_pj, 12, 1e-12);
}

TEST(SramTable, BeyondTheLastCapacityTheSlopeContinuesAndBelowTheFirstTheCostStays) {
  const SramTable table({point(1024, 32, 1, 1), point(4096, 32, 1, 9)});
  EXPECT_NEAR(table.macro(16384, 32, 1).read_pj, 81, 1e-9);
  EXPECT_EQ(table.macro(16, 32, 1).read_pj, 1);
  EXPECT_EQ(table.macro(16, 32, 1).match, SramMatch::kInterpolated);
  EXPECT_EQ(table.macro(1024, 8, 1).read_pj, 1);
}

TEST(SramTable, AnUntabulatedBankCountIsServedByTheLargestBelowItAtThatCapacity) {
  const SramTable table({point(1024, 32, 1, 1), point(4096, 32, 1, 9), point(4096, 32, 4, 5)});
  EXPECT_EQ(table.macro(4096, 32, 6).read_pj, 5);
  EXPECT_EQ(table.macro(4096, 32, 6).leakage_mw, 4 * 0.5);
  EXPECT_EQ(table.macro(1024, 32, 4).read_pj, 1) << "four banks start at 4 KiB";
  EXPECT_EQ(table.macro(4096, 32, 4).match, SramMatch::kExact);
}

// 32 elements of 6 bits: log2(192 / 128) = 0.585 of the way from 128 to 256 bits.
TEST(SramTable, AWordCostsItsOwnWidthAndWiderOnesComeFromMacrosSideBySide) {
  const SramTable table = load_sram_table(kTable, 45, "itrs-lstp");
  const std::int64_t capacity = 256 * 1024;
  const auto read = [&](std::int64_t bits) { return table.buffer(capacity, bits, 4).read_pj; };
  EXPECT_EQ(read(8), table.macro(capacity, 32, 4).read_pj);
  EXPECT_NEAR(std::log(read(192)),
              std::log(read(128)) + std::log2(1.5) * (std::log(read(256)) - std::log(read(128))),
              1e-12);
  EXPECT_NEAR(read(192) / read(256), 0.75, 0.03);
  EXPECT_EQ(read(256), table.macro(capacity, 256, 4).read_pj);
  const SramMacro half = table.macro(capacity / 2, 1024, 4);
  const SramMacro wide = table.buffer(capacity, 2048, 4);
  EXPECT_EQ(wide.read_pj, 2 * half.read_pj);
  EXPECT_EQ(wide.leakage_mw, 2 * half.leakage_mw);
  EXPECT_EQ(wide.area_mm2, 2 * half.area_mm2);
}

// A macro of a quarter of the bytes costs half: one of half of them 2^0.5, of two thirds of them
// 2 (2/3)^0.5.
TEST(SramTable, APartOfAMacroBesideOthersCostsItsShare) {
  const SramTable table({point(1024, 32, 1, 1), point(4096, 32, 1, 2)});
  EXPECT_NEAR(table.buffer(4096, 64, 1).read_pj, 2 * std::sqrt(2), 1e-12);
  EXPECT_NEAR(table.buffer(4096, 48, 1).area_mm2, 1.5 * 2 * std::sqrt(2.0 / 3) / 100, 1e-12);
  EXPECT_EQ(table.buffer(4096, 48, 1).match, SramMatch::kInterpolated);
}

// 32 bits cost 9, 128 bits 4: the wider macro serves the narrower word.
TEST(SramTable, AMacroOfWiderWordsServesNarrowerOnesWhereItIsCheaper) {
  const SramTable table({point(1024, 32, 1, 9), point(1024, 128, 1, 4)});
  EXPECT_EQ(table.macro(1024, 32, 1).area_mm2, 0.09);
  EXPECT_EQ(table.buffer(1024, 32, 1).area_mm2, 0.04);
  EXPECT_EQ(table.buffer(1024, 32, 1).read_pj, 4);
  EXPECT_EQ(table.buffer(1024, 32, 1).match, SramMatch::kInterpolated);
}

// The chip of 32 columns had 3.906 mm2, of 33 columns 3.499 mm2: 1056 bits came from two macros of
// 528 bits.
TEST(SramTable, AWordJustWiderThanTheWidestMacroCostsJustMore) {
  const SramTable table = load_sram_table(kTable, 45, "itrs-lstp");
  const SramMacro widest = table.buffer(262144, 1024, 4);
  const SramMacro wider = table.buffer(262144, 1056, 4);
  EXPECT_GT(wider.area_mm2 / widest.area_mm2, 1);
  EXPECT_LT(wider.area_mm2 / widest.area_mm2, 1056.0 / 1024);
  EXPECT_GT(wider.read_pj / widest.read_pj, 1);
  EXPECT_LT(wider.read_pj / widest.read_pj, 1056.0 / 1024);
}

TEST(SramTable, HighPerformanceCellsLeakThousandsOfTimesMoreThanLowStandbyPowerCells) {
  const std::int64_t mebibyte = 1 << 20;
  EXPECT_NEAR(load_sram_table(kTable, 45, "itrs-lstp").macro(mebibyte, 32, 1).leakage_mw, 0.15,
              0.001);
  EXPECT_NEAR(load_sram_table(kTable, 45, "itrs-hp").macro(mebibyte, 32, 1).leakage_mw, 1075, 10);
}

TEST(SramTable, RefusesRepeatedPointsNonPositiveValuesAndNoPointsAtAll) {
  EXPECT_THROW(SramTable(std::vector<SramPoint>{}), InputError);
  EXPECT_THROW(SramTable({point(1024, 32, 1, 1), point(1024, 32, 1, 2)}), InputError);
  EXPECT_THROW(SramTable({point(1024, 32, 1, 0)}), InputError);
  EXPECT_THROW(SramTable({point(1024, 32, 1, -1)}), InputError);
}

}  // namespace
}  // namespace mxsim
