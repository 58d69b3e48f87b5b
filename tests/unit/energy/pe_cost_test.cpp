#include "models/energy/pe_cost.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>

#include "models/arithmetic/dot_product.h"
#include "models/formats/format_table.h"
#include "tests/support/csv.h"
#include "tests/support/technology.h"

namespace mxsim {
namespace {

FormatSpec of_element(const std::string& element) {
  if (element == "e8m7") return parse_format("bf16");
  if (element == "e3m2+e2m5") return parse_format("mxsf");
  if (element == "int8") return parse_format("mxint8");
  if (element == "e5m10") return full_minifloat(5, 10);
  return full_minifloat(element[1] - '0', element[3] - '0');
}

double mac_pj(const TechnologyTable& table, const std::string& element, Accumulator accumulator) {
  const FormatSpec format = of_element(element);
  return pe_cost(table, format, format, accumulator).mac_pj.value();
}

// MXSF contains E2M5 (its synthesis gave 0.66) and is not priced below it.
TEST(PeCost, RatiosToBf16AreThoseOfTheSynthesisedUnits) {
  const TechnologyTable table = shipped_technology();
  const double bf16 = bf16_mac_pj(table).value();
  EXPECT_NEAR(bf16, 1.10, 0.005);
  const auto ratio = [&](const char* element, Accumulator accumulator) {
    return mac_pj(table, element, accumulator) / bf16;
  };
  EXPECT_NEAR(ratio("e3m2+e2m5", Accumulator::kFp32), 0.76, 0.005);
  EXPECT_NEAR(ratio("e2m5", Accumulator::kFp32), 0.76, 0.005);
  EXPECT_NEAR(ratio("e4m3", Accumulator::kFp32), 0.56, 0.005);
  EXPECT_NEAR(ratio("e3m2", Accumulator::kFp32), 0.52, 0.005);
  EXPECT_NEAR(ratio("e3m2+e2m5", Accumulator::kExactBlock), 0.43, 0.005);
  EXPECT_NEAR(ratio("int8", Accumulator::kExactBlock), 0.37, 0.005);
}

TEST(PeCost, AnExactMxsfBlockOfEightAddsATenthOfABf16OperationAMac) {
  const TechnologyTable table = shipped_technology();
  const FormatSpec mxsf = parse_format("mxsf");
  const double end = pe_cost(table, mxsf, mxsf, Accumulator::kExactBlock).block_end_pj.value();
  EXPECT_NEAR(end, 0.85, 0.005);
  EXPECT_NEAR(end / 8 / bf16_mac_pj(table).value(), 0.10, 0.005);
}

// Low: a fifth below the synthesis. High: what published adders and multipliers add up to.
TEST(PeCost, TheRatioOfANarrowFormatToBf16ReachesABuildUpFromPublishedUnits) {
  const TechnologyTable table = shipped_technology();
  const double bf16 = bf16_mac_pj(table).value();
  const std::pair<const char*, double> kSynthesised[] = {
      {"mxsf", 0.7293},      {"mxfp8_e2m5", 0.8404}, {"mxfp8_e4m3", 0.6127},
      {"mxfp8_e5m2", 0.568}, {"mxfp6_e3m2", 0.5765}, {"mxfp4_e2m1", 0.5742}};
  for (const auto& [name, synthesised] : kSynthesised) {
    const FormatSpec format = parse_format(name);
    const UncertainPrice price = pe_cost(table, format, format, Accumulator::kFp32).mac_pj;
    int ratios = 0;
    for (const Factor& factor : price.factors()) {
      if (!factor.name.starts_with("ratio to bf16")) continue;
      ++ratios;
      EXPECT_NEAR(factor.low * price.value(), 0.8 * synthesised, 1e-6) << name;
      EXPECT_NEAR(factor.high * price.value() / bf16, 0.92, 1e-6) << name;
    }
    EXPECT_EQ(ratios, 1) << name;
  }
}

/// Significand of the element that a price's name has: "mac int9 x int9 fixed32", "mac e2m1 fp32".
int significand_in(const std::string& mac) {
  const std::size_t first = mac.starts_with("mac scaled ") ? 11 : 4;
  const std::string element = mac.substr(first, mac.find(' ', first) - first);
  if (element.starts_with("int")) return std::stoi(element.substr(3));
  int mantissa = 0;
  for (std::size_t m = element.find('m'); m != std::string::npos; m = element.find('m', m + 1)) {
    mantissa = std::max(mantissa, std::stoi(element.substr(m + 1)));
  }
  return mantissa + 1;
}

TEST(PeCost, IsOfTheSignificandsThatDecideTheWidthOfDotProducts) {
  const TechnologyTable table = shipped_technology();
  for (const FormatSpec& format : format_table()) {
    const PeCost cost = pe_cost(table, format, format, pe_design(ArraySpec{}, format, format));
    EXPECT_EQ(significand_in(cost.mac_pj.name()), multiplier_bits(format)) << format.name;
  }
  EXPECT_EQ(multiplier_bits(parse_format("nvfp4")), 2);
  EXPECT_EQ(multiplier_bits(parse_format("uint8")), 9);  // 0 - 255 to 255 - 0
}

/// Two operand formats and a way to add.
struct Design {
  FormatSpec a, b;
  PeDesign design;

  DatapathSize size() const {
    const OperandElement x = operand_element(a);
    const OperandElement y = operand_element(b);
    if (design.accumulator == Accumulator::kFp32) return float_datapath(x, y, kFp32Sum);
    return exact_datapath(x, y, design.accumulator_bits);
  }
};

TEST(PeCost, ADatapathThatContainsAnotherNeverCostsLess) {
  const TechnologyTable table = shipped_technology();
  std::vector<Design> designs;
  for (const char* a :
       {"mxsf", "mxfp8_e5m2", "mxfp8_e4m3", "mxfp8_e2m5", "mxfp8_e3m4", "mxfp6_e3m2", "mxfp6_e2m3",
        "mxfp4_e2m1", "mxint8", "mxint4", "bf16", "fp16", "fp32"}) {
    for (const char* b : {"mxsf", "mxfp8_e4m3", "mxfp8_e2m5", "mxfp4_e2m1", "mxint8", "bf16"}) {
      designs.push_back({parse_format(a), parse_format(b), Accumulator::kFp32});
      for (const std::int64_t bits : {16, 22, 24, 32, 36, 42}) {
        designs.push_back({parse_format(a), parse_format(b), {Accumulator::kFixed, bits}});
      }
    }
  }
  std::vector<std::pair<DatapathSize, PeCost>> built;
  for (const Design& each : designs) {
    built.emplace_back(each.size(), pe_cost(table, each.a, each.b, each.design));
  }
  std::int64_t compared = 0;
  for (const auto& [size, whole] : built) {
    for (const auto& [part_size, part] : built) {
      if (!contains(size, part_size)) continue;
      EXPECT_GE(whole.mac_pj.value(), part.mac_pj.value())
          << whole.mac_pj.name() << " contains " << part.mac_pj.name();
      EXPECT_GE(whole.mac_nand2.value(), part.mac_nand2.value());
      ++compared;
    }
  }
  EXPECT_GT(compared, 10'000);
}

TEST(PeCost, AnIntegerPeCostsLessThanTheNarrowestFloatingPointSumOfItsWidth) {
  const TechnologyTable table = shipped_technology();
  const FormatSpec int8 = parse_format("int8");
  const FormatSpec e4m3 = parse_format("mxfp8_e4m3");
  const PeCost integer = pe_cost(table, int8, int8, pe_design(ArraySpec{}, int8, int8));
  EXPECT_EQ(integer.mac_pj.name(), "mac int8 fixed32");
  EXPECT_NEAR(integer.mac_pj.value(), 0.4337, 1e-6);
  EXPECT_LT(integer.mac_pj.value(), pe_cost(table, e4m3, e4m3, Accumulator::kFp32).mac_pj.value());
}

// The technology file states these errors. The worst energy is that of the widest exact sum (E4M3),
// whose high bits seldom switch.
TEST(PeCost, TheClosedFormMissesTheSynthesisedUnitsByWhatTheTechnologyFileStates) {
  const TechnologyTable table = shipped_technology();
  struct Errors {
    double sum = 0;
    double worst = 0;
    void add(double closed_form, double synthesised) {
      sum += std::abs(closed_form / synthesised - 1);
      worst = std::max(worst, std::abs(closed_form / synthesised - 1));
    }
  } energy, area;
  for (const MacUnit& unit : table.pe.mac) {
    const OperandElement element = operand_element(of_element(unit.element));
    const DatapathSize size = unit.accumulator == Accumulator::kFp32
                                  ? float_datapath(element, element, kFp32Sum)
                                  : exact_datapath(element, element, unit.accumulator_bits);
    energy.add(1e-3 * datapath_cost(size, table.pe.datapath_energy), unit.energy.value);
    area.add(datapath_cost(size, table.pe.datapath_area), unit.area.value);
  }
  const auto units = static_cast<double>(table.pe.mac.size());
  EXPECT_NEAR(energy.sum / units, 0.19, 0.005);
  EXPECT_NEAR(energy.worst, 0.54, 0.005);
  EXPECT_LT(area.sum / units, 0.11);
  EXPECT_LT(area.worst, 0.46);
  EXPECT_NEAR(table.pe.datapath_energy.error.low, 1 / (1 + energy.worst), 0.005);
  EXPECT_NEAR(table.pe.datapath_energy.error.high, 1 + energy.worst, 0.005);
  EXPECT_NE(table.pe.datapath_energy.error.source.find("19 % on average, 54 % at most"),
            std::string::npos);
}

TEST(PeCost, EverySynthesisedUnitLiesInTheBandOfItsClosedForm) {
  const TechnologyTable table = shipped_technology();
  TechnologyTable without = table;
  without.pe.mac.clear();
  for (const MacUnit& unit : table.pe.mac) {
    const FormatSpec format = of_element(unit.element);
    const PeCost cost = pe_cost(without, format, format, unit.accumulator);
    ASSERT_EQ(cost.basis, PeCostBasis::kClosedForm);
    EXPECT_LE(cost.mac_pj.low(), unit.energy.value) << unit.element;
    EXPECT_GE(cost.mac_pj.high(), unit.energy.value) << unit.element;
  }
}

TEST(PeCost, PairsThatWereNotSynthesisedComeFromTheClosedFormAndSayHowUncertainTheyAre) {
  const TechnologyTable table = shipped_technology();
  const PeCost mixed =
      pe_cost(table, parse_format("bf16"), parse_format("mxfp8_e4m3"), Accumulator::kFp32);
  EXPECT_EQ(mixed.basis, PeCostBasis::kClosedForm);
  EXPECT_LT(mixed.mac_pj.low(), mixed.mac_pj.value());
  EXPECT_GT(mixed.mac_pj.value(), mac_pj(table, "e4m3", Accumulator::kFp32));
  EXPECT_LT(mixed.mac_pj.value(), bf16_mac_pj(table).value());
}

TEST(PeCost, EveryPairOfNamedFormatsHasAPriceAndAnArea) {
  const TechnologyTable table = shipped_technology();
  for (const FormatSpec& a : format_table()) {
    for (const FormatSpec& b : format_table()) {
      for (const PeDesign& design :
           {PeDesign(Accumulator::kFp32), PeDesign(Accumulator::kExactBlock),
            PeDesign(Accumulator::kBf16), PeDesign(Accumulator::kFixed, 24),
            PeDesign(Accumulator::kFp32, 0, 8)}) {
        const PeCost cost = pe_cost(table, a, b, design);
        EXPECT_GT(cost.mac_pj.low(), 0) << a.name << " x " << b.name;
        EXPECT_GT(cost.mac_nand2.low(), 0) << a.name << " x " << b.name;
        EXPECT_GT(cost.block_end_pj.low(), 0) << a.name << " x " << b.name;
      }
    }
  }
}

TEST(PeCost, FollowsTheWidthOfTheAccumulator) {
  const TechnologyTable table = shipped_technology();
  const FormatSpec format = parse_format("mxfp8_e4m3");
  const auto pj = [&](const PeDesign& design) {
    TechnologyTable closed_forms = table;
    closed_forms.pe.mac.clear();
    return pe_cost(closed_forms, format, format, design).mac_pj.value();
  };
  EXPECT_LT(pj(Accumulator::kBf16), pj(Accumulator::kFp32));
  EXPECT_LT(pj({Accumulator::kFixed, 20}), pj({Accumulator::kFixed, 40}));
  EXPECT_EQ(pj({Accumulator::kFixed, 0}), pj(Accumulator::kExactBlock));
  const std::string name = pe_cost(table, format, format, {Accumulator::kFixed, 20}).mac_pj.name();
  EXPECT_EQ(name, "mac e4m3 x e4m3 fixed20");
}

TEST(PeCost, ADotProductOfEightIsEightMultipliersWide) {
  const TechnologyTable table = shipped_technology();
  const FormatSpec format = parse_format("mxfp4_e2m1");
  const auto area = [&](std::int64_t width) {
    return pe_cost(table, format, format, {Accumulator::kFixed, 24, width}).mac_nand2.value();
  };
  EXPECT_DOUBLE_EQ(area(8), 8 * area(1));
  ArraySpec array;
  array.dot_product = {{2, 8}, {4, 4}, {8, 1}};
  EXPECT_EQ(pe_design(array, format, format).width, 8);
  EXPECT_EQ(pe_design(array, format, parse_format("mxfp8_e4m3")).width, 4);
  EXPECT_EQ(pe_design(array, parse_format("mxint8"), format).width, 1);
  EXPECT_EQ(pe_design(array, parse_format("fp32"), format).width, 1);
}

TEST(PeCost, ScalesFromNodeToNodeByThePublishedFactors) {
  const FormatSpec mxsf = parse_format("mxsf");
  const auto pj = [&](int node) {
    return pe_cost(shipped_technology(node), mxsf, mxsf, Accumulator::kFp32).mac_pj.value();
  };
  const double reference = pj(45);
  EXPECT_DOUBLE_EQ(pj(65) / reference, 1.58);
  EXPECT_DOUBLE_EQ(pj(32) / reference, 0.64);
  EXPECT_DOUBLE_EQ(pj(22) / reference, 0.22);
}

// XNE at 22 nm, memory and control included: 21.6 fJ an operation, two of them a product (Conti et
// al., IEEE TCAD 2018); a PE alone must cost less.
TEST(PeCost, ASignTimesASignIsPricedByItsPartsWithABandOfItsOwn) {
  const TechnologyTable table = shipped_technology();
  const FormatSpec binary = parse_format("binary");
  const PeDesign design(Accumulator::kFixed, 32, 16);
  const PeCost cost = pe_cost(table, binary, binary, design);
  const DatapathCosts& energy = table.pe.datapath_energy;
  const double fj =
      energy.multiplier.value + energy.adder.value * 58 / 16 + energy.flop.value * 64 / 16;
  EXPECT_NEAR(cost.mac_pj.value(), fj * 1e-3 * table.logic_energy_scale.value, 1e-9);
  EXPECT_LT(cost.mac_pj.low(), 0.6 * cost.mac_pj.value());
  EXPECT_GT(cost.mac_pj.high(), 1.5 * cost.mac_pj.value());
  EXPECT_LT(cost.mac_pj.value(), 2 * 21.6e-3);
  EXPECT_EQ(cost.basis, PeCostBasis::kClosedForm);
  const FormatSpec int4 = parse_format("int4");
  EXPECT_LT(cost.mac_pj.value(), 0.5 * pe_cost(table, int4, int4, design).mac_pj.value());
}

}  // namespace
}  // namespace mxsim
