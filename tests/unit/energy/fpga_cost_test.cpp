#include "models/energy/fpga_cost.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "models/formats/format_parser.h"

namespace mxsim {
namespace {

/// "int4", "e3m2" with every code a number.
OperandElement element(const std::string& name) {
  return operand_element(parse_format(name[0] == 'i' ? name : name + "fin"));
}

struct Unit {
  std::string a;
  std::string b;
  std::int64_t terms = 0;
  std::int64_t sum_bits = 0;
  double luts = 0;
  double flops = 0;
  double multiplier_luts = 0;
};

/// The units that scripts/make_fpga_costs.py synthesised.
std::vector<Unit> synthesised() {
  std::ifstream file(MXSIM_TEST_DATA "/energy/fpga_synthesis.csv");
  std::string line;
  std::getline(file, line);
  EXPECT_EQ(line, "a,b,terms,sum_bits,luts,flops,carries,multiplier_luts");
  std::vector<Unit> units;
  while (std::getline(file, line)) {
    for (char& c : line) c = c == ',' ? ' ' : c;
    std::istringstream cells(line);
    Unit unit;
    double carries = 0;
    cells >> unit.a >> unit.b >> unit.terms >> unit.sum_bits >> unit.luts >> unit.flops >>
        carries >> unit.multiplier_luts;
    units.push_back(unit);
  }
  return units;
}

TEST(FpgaMac, AccumulatorsAreAsWideAsTheSynthesisedOnes) {
  const std::vector<Unit> units = synthesised();
  ASSERT_EQ(units.size(), 24U);
  for (const Unit& unit : units) {
    EXPECT_EQ(exact_sum_bits(element(unit.a), element(unit.b), unit.terms), unit.sum_bits)
        << unit.a << " " << unit.b;
    EXPECT_EQ(unit.flops, static_cast<double>(unit.sum_bits)) << unit.a << " " << unit.b;
  }
}

TEST(FpgaMac, IsAsFarOffTheSynthesisedUnitsAsStated) {
  double sum = 0;
  double most = 0;
  std::string worst;
  const std::vector<Unit> units = synthesised();
  for (const Unit& unit : units) {
    const auto mac = fpga_mac(element(unit.a), element(unit.b), unit.sum_bits);
    ASSERT_TRUE(mac.has_value()) << unit.a;
    EXPECT_EQ(mac->flops, unit.flops);
    const double error = std::abs(mac->luts() / unit.luts - 1);
    sum += error;
    if (error > most) most = error, worst = unit.a + " " + unit.b;
  }
  const double mean = sum / static_cast<double>(units.size());
  EXPECT_LE(mean, kFpgaMeanError);
  EXPECT_GT(mean, kFpgaMeanError - 0.02) << "the statement is no wider than needed";
  EXPECT_LE(most, kFpgaLargestError) << worst;
  EXPECT_GT(most, kFpgaLargestError - 0.05) << worst;
}

TEST(FpgaMac, CostsNeverFallWithAWiderPart) {
  for (const int bits : {3, 4, 5, 6, 7}) {
    const auto cost = [](int width, std::int64_t sum) {
      const OperandElement each = element("int" + std::to_string(width));
      return fpga_mac(each, each, sum)->luts();
    };
    EXPECT_LT(cost(bits, 30), cost(bits + 1, 30));
    EXPECT_LT(cost(bits, 30), cost(bits, 31));
  }
}

TEST(FpgaMac, HasNoFormForWideElementsAndSums) {
  const OperandElement bf16 = operand_element(parse_format("bf16"));
  EXPECT_FALSE(fpga_mac(bf16, bf16, 60).has_value());
  EXPECT_FALSE(fpga_mac(element("int8"), element("int16"), 40).has_value());
  EXPECT_FALSE(fpga_mac(element("e5m2"), element("e5m2"), kMostFpgaSumBits + 1).has_value());
}

// A 36 Kib block has 512 words of 72 bits, and at most two such halves serve one wider word.
TEST(BlockRams, FollowCapacityOrWidth) {
  EXPECT_EQ(block_rams(1, 1), 1);
  EXPECT_EQ(block_rams(36864, 72), 1);
  EXPECT_EQ(block_rams(36865, 72), 2);
  EXPECT_EQ(block_rams(1000, 145), 3);
}

// 16 x 16 PEs of int8 with a lossless accumulator for 4608 products.
TEST(FpgaCost, MultipliesThePesAndAddsTheBuffers) {
  ArraySpec array;
  array.rows = 16;
  array.cols = 16;
  WorkFormats work{parse_format("int8"), parse_format("int8"), parse_format("int8")};
  const BufferSet buffers = separate_buffers({}, {}, {});
  const auto cost = fpga_cost(array, buffers, {work}, 4608);
  ASSERT_TRUE(cost.has_value());
  const auto mac = fpga_mac(element("int8"), element("int8"), 30);
  EXPECT_EQ(cost->sum_bits, 30);
  EXPECT_DOUBLE_EQ(cost->luts, 256 * mac->luts());
  EXPECT_DOUBLE_EQ(cost->dsps, 128);
  EXPECT_DOUBLE_EQ(cost->luts_with_dsps, 256 * (mac->luts() - mac->multiplier_luts));
  // Three buffers of 256 KiB in 4 banks: 64 KiB a bank are 14.2 blocks.
  EXPECT_EQ(cost->block_rams, 3 * 4 * 15);
  work.a = parse_format("mxfp8_e4m3");
  EXPECT_FALSE(fpga_cost(array, buffers, {work}, 4608).has_value()) << "block scales";
}

}  // namespace
}  // namespace mxsim
