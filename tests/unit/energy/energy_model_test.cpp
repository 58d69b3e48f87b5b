#include "models/energy/energy_model.h"

#include <gmock/gmock.h>

#include <cmath>
#include <map>

#include "models/core/error.h"
#include "sim/config/dram_reader.h"
#include "tests/support/technology.h"

namespace mxsim {
namespace {

// 32x32 PEs at 500 MHz, three buffers of 256 KiB, LPDDR4.
PricedChip reference_chip() {
  PricedChip chip;
  chip.clock_hz = 500e6;
  return chip;
}

WorkFormats all_operands(const char* format) {
  const FormatSpec spec = parse_format(format);
  return {spec, spec, spec};
}

DramCosts lpddr4(const TechnologyTable& table) {
  DramDevice device;
  device.name = "LPDDR4";
  device.energy = DramPerBit{2, 4, 2, 150};
  return dram_costs(device, table);
}

EnergyModel model_of(const char* format, int node_nm = 45) {
  const TechnologyTable table = shipped_technology(node_nm);
  return {reference_chip(), {all_operands(format)}, table, lpddr4(table)};
}

DramDevice priced_by_command() {
  DramDevice device;
  device.energy = DramCurrents{1.2, 50, 30, 40, 150, 140, 200, 8, 50, 30, 300, 60, 12, 20, 90};
  return device;
}

double sum_over_units(const PriceList& list, Event event) {
  double sum = 0;
  for (std::size_t i = 0; i < kUnitCount; ++i) sum += list.event_pj(static_cast<Unit>(i), event);
  return sum;
}

TEST(EnergyModel, EveryEventHasAPriceOrAReasonToHaveNone) {
  const TechnologyTable table = shipped_technology();
  const PriceList by_bit = model_of("mxsf").prices(all_operands("mxsf"));
  const PriceList commands = EnergyModel(reference_chip(), {all_operands("mxsf")}, table,
                                         dram_costs(priced_by_command(), table))
                                 .prices(all_operands("mxsf"));
  for (std::size_t i = 0; i < kEventCount; ++i) {
    const auto event = static_cast<Event>(i);
    const double price = sum_over_units(by_bit, event) + sum_over_units(commands, event);
    EXPECT_EQ(price > 0, free_event_reason(event).empty()) << info(event).name;
  }
}

TEST(EnergyModel, PricesOfOneListHaveNamesThatStandForOnePriceEach) {
  const PriceList list = model_of("mxsf").prices(all_operands("mxsf"));
  EnergyBreakdown breakdown;
  for (const EventPrice& entry : list.events) breakdown.add(entry.component, entry.price, 1);
  for (const UncertainPrice& power : list.static_mw) breakdown.add(Component::kStatic, power, 1);
  EXPECT_GT(breakdown.terms().size(), 30u);
}

TEST(EnergyModel, WithoutWorkOnlyStandingPowerCosts) {
  const PriceList list = model_of("mxsf").prices(all_operands("mxsf"));
  const EnergyBreakdown idle = energy(UnitCounts{}, 1e-3, list);
  EXPECT_GT(idle.component_pj(Component::kStatic), 0);
  EXPECT_EQ(idle.total_pj(), idle.component_pj(Component::kStatic));
  EXPECT_EQ(energy(UnitCounts{}, 0, list).total_pj(), 0);
}

// 150 mW of DRAM, a tenth of 1024 BF16 operations of 1.103 pJ at 500 MHz, and leakage.
TEST(EnergyModel, StandingPowerOfTheReferenceChipIsDramClockAndLeakage) {
  const PriceList list = model_of("bf16").prices(all_operands("bf16"));
  double total = list.dram_standing_mw;
  double leakage = 0;
  for (const UncertainPrice& power : list.static_mw) {
    total += power.value();
    if (power.name().find("leakage") != std::string::npos) leakage += power.value();
    if (power.name() == "clock") {
      EXPECT_NEAR(power.value(), 0.1 * 1.103 * 1024 * 0.5, 1e-9);
    }
  }
  EXPECT_NEAR(total - leakage, 150 + 0.1 * 1.103 * 1024 * 0.5, 1e-9);
  EXPECT_GT(leakage, 3 * 0.03);
  EXPECT_LT(leakage, 10);
}

double clock_mw(const ArraySpec& array, const char* format) {
  PricedChip chip = reference_chip();
  chip.array = array;
  const TechnologyTable table = shipped_technology();
  const PriceList list =
      EnergyModel(chip, {all_operands(format)}, table, dram_costs(priced_by_command(), table))
          .prices(all_operands(format));
  for (const UncertainPrice& power : list.static_mw) {
    if (power.name() == "clock") return power.value();
  }
  return 0;
}

// Registers of two operands and of the sum: 16 + 16 + 32 bits in BF16; four products a step have
// the operands four times.
TEST(EnergyModel, TheClockFollowsTheFlopBitsOfThePeThatIsBuilt) {
  ArraySpec array = reference_chip().array;
  const double bf16 = clock_mw(array, "bf16");
  EXPECT_NEAR(clock_mw(array, "mxsf") / bf16, (8 + 8 + 32) / 64.0, 1e-12);
  EXPECT_NEAR(clock_mw(array, "mxfp4_e2m1") / bf16, (4 + 4 + 32) / 64.0, 1e-12);
  array.accumulator = Accumulator::kBf16;
  EXPECT_NEAR(clock_mw(array, "bf16") / bf16, (16 + 16 + 16) / 64.0, 1e-12);
  array.accumulator = Accumulator::kFixed;
  array.accumulator_bits = 28;
  EXPECT_NEAR(clock_mw(array, "mxsf") / bf16, (8 + 8 + 28) / 64.0, 1e-12);
  array.dot_product = {{8, 4}};
  EXPECT_NEAR(clock_mw(array, "mxsf") / bf16, (4 * (8 + 8) + 28) / 64.0, 1e-12);
}

TEST(EnergyModel, EnergyIsCountsTimesPricesByComponent) {
  const PriceList list = model_of("bf16").prices(all_operands("bf16"));
  UnitCounts counts;
  counts[Unit::kArray].add(Event::kMac, 1000);
  counts[Unit::kDram].add(Event::kDramReadBytes, 64);
  counts[Unit::kDram].add(Event::kDramWriteBytes, 16);
  counts[Unit::kSramInput].add(Event::kSramReads, 10);
  counts[Unit::kVector].add(Event::kVectorAdd, 7);
  counts[Unit::kRequant].add(Event::kRequantMax, 3);
  counts[Unit::kDmaRead].add(Event::kDmaReadBytes, 5);
  const EnergyBreakdown spent = energy(counts, 0, list);
  EXPECT_DOUBLE_EQ(spent.component_pj(Component::kPe), 1000 * 1.103);
  EXPECT_DOUBLE_EQ(spent.component_pj(Component::kDram), 80 * 8 * 8);
  EXPECT_DOUBLE_EQ(spent.component_pj(Component::kSram), 10 * 205.527);
  EXPECT_DOUBLE_EQ(spent.component_pj(Component::kVector), 7 * (0.9 + 0.864));
  EXPECT_DOUBLE_EQ(spent.component_pj(Component::kRequant), 3 * 0.03528);
  EXPECT_DOUBLE_EQ(spent.component_pj(Component::kDma), 5 * 8 * 0.121 * 2);
  EXPECT_EQ(spent.component_pj(Component::kStatic), 0);
}

TEST(EnergyModel, EnergiesOfPartsAddUpToTheEnergyOfTheWhole) {
  const EnergyModel model = model_of("mxsf");
  const PriceList list = model.prices(all_operands("mxsf"));
  UnitCounts whole;
  EnergyBreakdown sum;
  for (std::uint64_t part = 1; part <= 5; ++part) {
    UnitCounts counts;
    for (std::size_t i = 0; i < kEventCount; ++i) {
      for (std::size_t u = 0; u < kUnitCount; ++u) {
        counts[static_cast<Unit>(u)].add(static_cast<Event>(i), part * 1000 + i + u);
      }
    }
    whole += counts;
    sum += energy(counts, 1e-6 * static_cast<double>(part), list);
  }
  const EnergyBreakdown all = energy(whole, 15e-6, list);
  for (std::size_t i = 0; i < kComponentCount; ++i) {
    const auto component = static_cast<Component>(i);
    EXPECT_GT(all.component_pj(component), 0) << to_string(component);
    EXPECT_NEAR(sum.component_pj(component) / all.component_pj(component), 1, 1e-12)
        << to_string(component);
  }
}

// 256 KiB in 4 banks: 32 BF16 elements are 512 bits, 32 MXSF elements 256, 32 FP32 sums 1024.
TEST(EnergyModel, ABufferWordIsAsWideAsTheOperandFormat) {
  const PriceList bf16 = model_of("bf16").prices(all_operands("bf16"));
  const PriceList mxsf = model_of("mxsf").prices(all_operands("mxsf"));
  EXPECT_DOUBLE_EQ(bf16.event_pj(Unit::kSramInput, Event::kSramReads), 205.527);
  EXPECT_DOUBLE_EQ(mxsf.event_pj(Unit::kSramInput, Event::kSramReads), 107.516);
  EXPECT_DOUBLE_EQ(mxsf.event_pj(Unit::kSramWeight, Event::kSramWrites), 157.817);
  EXPECT_DOUBLE_EQ(mxsf.event_pj(Unit::kSramAccumulator, Event::kSramReads), 533.338);
  EXPECT_EQ(mxsf.event_pj(Unit::kSramAccumulator, Event::kSramWrites),
            bf16.event_pj(Unit::kSramAccumulator, Event::kSramWrites));
}

/// Prices of accesses, and power and area of the cells, by ports of the input buffer.
TEST(EnergyModel, EveryPortOfABufferBeyondTheFirstIsPaidOnce) {
  const TechnologyTable table = shipped_technology();
  const auto model = [&](std::int64_t ports, TransposedRead read) {
    PricedChip chip = reference_chip();
    for (const char* name : {"input", "accumulator"}) {
      chip.buffers[name].ports = ports;
      chip.buffers[name].transposed_read = read;
    }
    return EnergyModel(chip, {all_operands("mxsf")}, table, lpddr4(table));
  };
  const auto leakage = [](const PriceList& list, const std::string& buffer) {
    for (const UncertainPrice& power : list.static_mw) {
      if (power.name() == "sram." + buffer + " leakage") return power.value();
    }
    return 0.0;
  };
  const auto area = [](const EnergyModel& made, const std::string& buffer) {
    for (const AreaPart& part : made.area().parts) {
      if (part.mm2.name() == "sram." + buffer) return part.mm2.value();
    }
    return 0.0;
  };
  constexpr TransposedRead kTransposer = TransposedRead::kTransposer;
  constexpr TransposedRead kSecondPort = TransposedRead::kSecondPort;
  const EnergyModel one = model(1, kTransposer);
  const PriceList single = one.prices(all_operands("mxsf"));
  struct Case {
    std::int64_t ports;
    TransposedRead read;
    int further;     // of the input buffer
    int of_results;  // of the accumulator buffer, which holds no operands
  };
  for (const Case& each : {Case{1, TransposedRead::kGather, 0, 0}, Case{2, kTransposer, 1, 1},
                           Case{1, kSecondPort, 1, 0}, Case{2, kSecondPort, 2, 1}}) {
    const EnergyModel made = model(each.ports, each.read);
    const PriceList list = made.prices(all_operands("mxsf"));
    const auto expect = [&](Unit unit, const std::string& name, int further) {
      const double energy = std::pow(1.25, further);
      const double silicon = std::pow(1.6, further);
      for (const Event access : {Event::kSramReads, Event::kSramWrites}) {
        EXPECT_NEAR(list.event_pj(unit, access) / single.event_pj(unit, access), energy, 1e-12);
      }
      EXPECT_NEAR(leakage(list, name) / leakage(single, name), silicon, 1e-12);
      EXPECT_NEAR(area(made, name) / area(one, name), silicon, 1e-12);
    };
    expect(Unit::kSramInput, "input", each.further);
    expect(Unit::kSramAccumulator, "accumulator", each.of_results);
    expect(Unit::kSramWeight, "weight", 0);
  }
}

TEST(EnergyModel, BufferWordsOfAChipThatRunsSeveralFormatsAreThoseOfTheWidest) {
  const TechnologyTable table = shipped_technology();
  const EnergyModel both(reference_chip(), {all_operands("mxsf"), all_operands("bf16")}, table,
                         lpddr4(table));
  const PriceList list = both.prices(all_operands("mxsf"));
  EXPECT_DOUBLE_EQ(list.event_pj(Unit::kSramInput, Event::kSramReads), 205.527);
  EXPECT_DOUBLE_EQ(list.event_pj(Unit::kSramWeight, Event::kSramReads), 205.527);
  EXPECT_DOUBLE_EQ(list.event_pj(Unit::kArray, Event::kMac), 0.8404);
}

TEST(EnergyModel, EncodingIsPricedByTheFormatThatIsWritten) {
  const PriceList list =
      model_of("bf16").prices({parse_format("bf16"), parse_format("bf16"), parse_format("mxint8")});
  EXPECT_DOUBLE_EQ(list.event_pj(Unit::kRequant, Event::kRequantEncode), 0.2091);
}

TEST(WorkFormats, AreTheOperandsOfTheGemmAndTheFirstEncodedTensor) {
  OpList ops;
  ops.tensors = {{"x", TensorRole::kActivation, 4, 4, default_layout(parse_format("mxsf"))}};
  GemmWork work;
  work.format_a = parse_format("mxfp8_e4m3");
  work.format_b = parse_format("bf16");
  OpGroup gemm;
  gemm.gemms = {work};
  gemm.writes = {{0, Encoding::kConvert}, {0, Encoding::kQuantize}};
  ops.groups = {OpGroup{}, gemm, gemm};
  const WorkFormats formats = work_formats(ops, gemm);
  EXPECT_EQ(formats.a.name, "mxfp8_e4m3");
  EXPECT_EQ(formats.b.name, "bf16");
  EXPECT_EQ(formats.encoded.name, "mxsf");
  EXPECT_EQ(formats_in_use(ops), std::vector<WorkFormats>{formats});
  EXPECT_EQ(buffer_contents({formats}, ArraySpec{}).left.bits, 8);
  EXPECT_EQ(buffer_contents({formats}, ArraySpec{}).right.bits, 16);
  EXPECT_EQ(formats_in_use(OpList{}), std::vector<WorkFormats>{all_operands("fp32")});
}

TEST(EnergyModel, AreaIsTheSumOfItsPartsAndTheMxsfArrayIsSmallerThanTheBf16Array) {
  const AreaBreakdown bf16 = model_of("bf16").area();
  const AreaBreakdown mxsf = model_of("mxsf").area();
  EXPECT_NEAR(bf16.component_mm2(AreaComponent::kArray), 1024 * 2663.9 * 0.91e-6, 1e-9);
  EXPECT_NEAR(mxsf.component_mm2(AreaComponent::kArray), 1024 * 2356.2 * 0.91e-6, 1e-9);
  EXPECT_NEAR(bf16.component_mm2(AreaComponent::kSram), 2 * 1.23652 + 1.98069, 1e-9);
  double sum = 0;
  for (std::size_t i = 0; i < kAreaComponentCount; ++i) {
    const auto component = static_cast<AreaComponent>(i);
    EXPECT_GT(bf16.component_mm2(component), 0) << to_string(component);
    sum += bf16.component_mm2(component);
  }
  EXPECT_NEAR(sum, bf16.total_mm2(), 1e-12);
  EXPECT_LT(bf16.low_mm2(), bf16.total_mm2());
  EXPECT_GT(bf16.high_mm2(), bf16.total_mm2());
}

TEST(EnergyModel, AChipThatRunsTwoFormatsIsBuiltForTheLarger) {
  const TechnologyTable table = shipped_technology();
  const EnergyModel both(reference_chip(), {all_operands("mxsf"), all_operands("bf16")}, table,
                         lpddr4(table));
  EXPECT_EQ(both.area().total_mm2(), model_of("bf16").area().total_mm2());
}

TEST(EnergyModel, LogicScalesWithTheNodeAndDramDoesNot) {
  const PriceList reference = model_of("mxsf", 45).prices(all_operands("mxsf"));
  for (const auto& [node, factor] : std::map<int, double>{{65, 1.58}, {32, 0.64}, {22, 0.22}}) {
    const PriceList scaled = model_of("mxsf", node).prices(all_operands("mxsf"));
    for (const EventPrice& entry : reference.events) {
      const double ratio =
          scaled.event_pj(entry.unit, entry.event) / reference.event_pj(entry.unit, entry.event);
      if (entry.event == Event::kMulticastBytes) {  // wires as long as an array's edge
        const double area = shipped_technology(node).logic_area_scale.value;
        EXPECT_NEAR(ratio, std::sqrt(area), 1e-9) << entry.price.name();
      } else if (entry.unit == Unit::kDram || entry.component == Component::kDma) {
        EXPECT_EQ(ratio, 1) << entry.price.name();
      } else if (entry.component != Component::kSram) {
        EXPECT_NEAR(ratio, factor, 1e-9) << entry.price.name();
      } else {
        EXPECT_EQ(ratio > 1, node > 45) << entry.price.name();
      }
    }
  }
}

TEST(EnergyModel, AssumptionsNameEveryAssumedPriceWithItsBandAndSource) {
  const std::vector<std::string> lines = model_of("mxint8").assumptions();
  EXPECT_THAT(
      lines,
      testing::Contains("pe.clock_fraction: 0.1 ratio [0.03, 0.2]: assumed: clock tree per BF16 PE "
                        "and cycle as a part of its multiply-accumulate; other PEs by their flop "
                        "bits"));
  EXPECT_THAT(lines,
              testing::Contains("clock: in proportion to the 48 flop bits of a PE; a BF16 PE "
                                "has 64"));
  EXPECT_THAT(lines, testing::Contains(testing::StartsWith("dram.background: 150 mW [49.5, 300]")));
  EXPECT_THAT(lines, testing::Contains("mac scaled int8 x int8 fp32: not synthesised, from the "
                                       "datapath closed form"));
}

// 8 devices a rank at 1.2 V: ACT 50*50 - 40*30 - 30*20 mA cycles, RD (150 - 40) mA a burst; a rank
// draws 40 mA with a row open, 30 with none, 20 and 12 powered down.
TEST(DramCosts, OfADeviceWithCurrentsAreByCommandAndByCycleOfEachStateOfItsRanks) {
  const TechnologyTable table = shipped_technology();
  DramDevice device = priced_by_command();
  device.clock_hz = 1'000'000'000;
  device.organisation.ranks = 2;
  const DramCosts costs = dram_costs(device, table);
  std::map<Event, double> pj;
  for (const DramCosts::Entry& entry : costs.events) pj[entry.event] = entry.price.value;
  EXPECT_NEAR(pj.at(Event::kDramActivates), 1.2 * 8 * (2500 - 1200 - 600), 1e-6);
  EXPECT_NEAR(pj.at(Event::kDramReads), 1.2 * 8 * (150 - 40), 1e-6);
  EXPECT_NEAR(pj.at(Event::kDramRefreshes), 1.2 * 8 * (200 - 40) * 300, 1e-6);
  EXPECT_NEAR(pj.at(Event::kDramBankRefreshes), 1.2 * 8 * (60 - 40) * 90, 1e-6);
  EXPECT_FALSE(pj.contains(Event::kDramReadBytes));
  for (const DramCosts::Entry& entry : costs.background) {
    EXPECT_NEAR(entry.price.low / entry.price.value, table.dram.background_error.low, 1e-9);
    pj[entry.event] = entry.price.value;
  }
  EXPECT_NEAR(pj.at(Event::kDramOpenRankCycles), 1.2 * 8 * 40, 1e-9);
  EXPECT_NEAR(pj.at(Event::kDramClosedRankCycles), 1.2 * 8 * 30, 1e-9);
  EXPECT_NEAR(pj.at(Event::kDramOpenDownCycles), 1.2 * 8 * 20, 1e-9);
  EXPECT_NEAR(pj.at(Event::kDramClosedDownCycles), 1.2 * 8 * 12, 1e-9);
  EXPECT_NEAR(costs.standing_mw.value, 2 * 1.2 * 8 * 40, 1e-9);
}

TEST(DramCosts, OfTheShippedDevicesAreThePublishedOnesByTheBit) {
  const TechnologyTable table = shipped_technology();
  for (const auto& [file, pj_per_bit] :
       std::map<std::string, double>{{"lpddr4-3200", 8}, {"hbm2", 3.97}}) {
    const DramCosts costs =
        dram_costs(load_dram_device(MXSIM_ROOT "/configs/dram/" + file + ".json"), table);
    ASSERT_EQ(costs.events.size(), 2u) << file;
    EXPECT_NEAR(costs.events[0].price.value, 8 * pj_per_bit, 1e-9) << file;
    EXPECT_EQ(costs.standing_mw.value, file == "hbm2" ? 528 : 150) << "hbm2: not published";
  }
}

}  // namespace
}  // namespace mxsim
