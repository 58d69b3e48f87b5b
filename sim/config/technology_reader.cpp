#include "sim/config/technology_reader.h"

#include <fmt/format.h>

#include <array>
#include <limits>
#include <set>

#include "sim/config/load.h"

namespace mxsim {
namespace {

constexpr std::array<Choice<Accumulator>, 3> kAccumulators{
    {{"fp32", Accumulator::kFp32},
     {"exact_block", Accumulator::kExactBlock},
     {"fixed", Accumulator::kFixed}}};

constexpr std::array<Choice<SramAccess>, 2> kSramAccessNames{
    {{"macro", SramAccess::kMacro}, {"bank", SramAccess::kBank}}};

/// A price and the unit it has to be in.
struct PriceField {
  Price& price;
  std::string_view unit;
};

void check_band(Binder& b, const Price& p) {
  if (p.low > p.value) b.fault("low", fmt::format("{:g} is above the value {:g}", p.low, p.value));
  if (p.value > p.high) {
    b.fault("high", fmt::format("{:g} is below the value {:g}", p.high, p.value));
  }
  if (p.value == 0 && p.high > 0) b.fault("value", "0 with an uncertainty: bands are factors");
}

void bind(Binder& b, PriceField& field) {
  Price& p = field.price;
  // What cannot be read stays as it is here, which breaks no rule: one message a fault.
  if (!b.describing()) {
    p.value = p.low = p.high = std::numeric_limits<double>::quiet_NaN();
    p.source = "unread";
  }
  b.number({"value", field.unit, "the number used", Presence::kRequired}, p.value);
  b.one_of({"unit", "", "unit of value, low and high", Presence::kRequired}, p.unit,
           {std::string(field.unit)});
  b.text({"source", "", "who says so, or why it is assumed", Presence::kRequired}, p.source);
  b.number({"low", field.unit, "smallest plausible value", Presence::kRequired}, p.low);
  b.number({"high", field.unit, "largest plausible value", Presence::kRequired}, p.high);
  if (!b.describing() && p.source.find_first_not_of(' ') == std::string::npos) {
    b.fault("source", "empty: every price needs a source");
  }
  check_band(b, p);
}

void price(Binder& b, std::string_view name, std::string_view unit, std::string_view meaning,
           Price& member) {
  PriceField field{member, unit};
  b.section({name, "", meaning, Presence::kRequired}, field);
}

}  // namespace

void bind(Binder& b, MacUnit& unit) {
  b.text({"element", "", "operand element: int8, e4m3, binade ranges as e3m2+e2m5",
          Presence::kRequired},
         unit.element);
  b.choice({"accumulator", "", "how products are added", Presence::kRequired}, unit.accumulator,
           kAccumulators);
  b.integer({"accumulator_bits", "bit", "width of the exact sum; 0 for fp32", Presence::kRequired},
            unit.accumulator_bits, {0, 256});
  price(b, "energy", "pJ", "one multiply-accumulate", unit.energy);
  price(b, "area", "NAND2", "one multiply-accumulate unit", unit.area);
}

void bind(Binder& b, BlockEndUnit& unit) {
  b.integer({"accumulator_bits", "bit", "width of the exact sum", Presence::kRequired},
            unit.accumulator_bits, {1, 256});
  price(b, "energy", "pJ", "scaling and adding one block sum", unit.energy);
  price(b, "area", "NAND2", "one unit", unit.area);
}

void bind(Binder& b, DramErrors& dram) {
  price(b, "access_error", "ratio", "a device file's access energies", dram.access_error);
  price(b, "background_error", "ratio", "a device file's background power", dram.background_error);
}

namespace {

struct DatapathField {
  DatapathCosts& costs;
  std::string unit;
};

void bind(Binder& b, DatapathField& field) {
  const std::string& unit = field.unit;
  price(b, "multiplier", unit + "/bit^2", "product of the significand widths",
        field.costs.multiplier);
  price(b, "adder", unit + "/bit", "adder bits", field.costs.adder);
  price(b, "shifter", unit + "/bit-stage", "bits times stages", field.costs.shifter);
  price(b, "flop", unit + "/flop", "operand, sum and control registers", field.costs.flop);
  price(b, "error", "ratio", "what the closed form may be off by", field.costs.error);
}

}  // namespace

void bind(Binder& b, PePrices& pe) {
  b.list({"mac", "", "synthesised multiply-accumulate units", Presence::kRequired}, pe.mac,
         {1, 256});
  b.list({"block_end", "", "units that end an exact block", Presence::kRequired}, pe.block_end,
         {1, 16});
  DatapathField energy{pe.datapath_energy, "fJ"};
  b.section({"datapath_energy", "", "closed form of an operation's energy", Presence::kRequired},
            energy);
  DatapathField area{pe.datapath_area, "NAND2"};
  b.section({"datapath_area", "", "closed form of a unit's area", Presence::kRequired}, area);
  price(b, "register", "fJ/bit", "a bit moved into a register", pe.register_bit);
  price(b, "gated_fraction", "ratio", "of a multiply-accumulate that is skipped",
        pe.gated_fraction);
  price(b, "clock_fraction", "ratio", "of a BF16 multiply-accumulate, per PE and cycle",
        pe.clock_fraction);
  price(b, "pass_control", "pJ", "one pass of the array", pe.pass_control);
}

void bind(Binder& b, VectorPrices& vector) {
  price(b, "add", "pJ", "FP32 addition", vector.add);
  price(b, "mul", "pJ", "FP32 multiplication", vector.mul);
  price(b, "compare", "pJ", "comparison, selection or mask", vector.compare);
  price(b, "divide", "pJ", "FP32 division", vector.divide);
  price(b, "sqrt", "pJ", "FP32 square root", vector.sqrt);
  price(b, "exp", "pJ", "FP32 exponential", vector.exp);
  price(b, "log", "pJ", "FP32 logarithm", vector.log);
  price(b, "operand_registers", "pJ", "registers of any operation", vector.operand_registers);
  price(b, "lane_area", "NAND2", "one lane", vector.lane_area);
}

void bind(Binder& b, RequantPrices& requant) {
  price(b, "max", "pJ", "an element through the maximum search", requant.max);
  price(b, "encode_float", "pJ", "an element encoded with an exponent", requant.encode_float);
  price(b, "encode_int", "pJ", "an element encoded as an integer", requant.encode_int);
  price(b, "decode", "pJ", "an element decoded", requant.decode);
  price(b, "convert", "pJ", "an element rounded to a scalar format", requant.convert);
  price(b, "lane_area", "NAND2", "one lane", requant.lane_area);
}

void bind(Binder& b, DmaPrices& dma) {
  price(b, "wire_energy", "pJ/bit/mm", "a bit moved on chip", dma.wire_energy);
  price(b, "wire_length", "mm", "DRAM controller to buffer", dma.wire_length);
}

namespace {

void check_units(Binder& b, const PePrices& pe) {
  if (pe.mac.empty()) return;
  std::set<std::tuple<std::string, Accumulator, std::int64_t>> seen;
  for (const MacUnit& unit : pe.mac) {
    const bool by_width = unit.accumulator == Accumulator::kFixed;
    if (!seen.emplace(unit.element, unit.accumulator, by_width ? unit.accumulator_bits : 0)
             .second) {
      b.fault("pe", "two units for element \"" + unit.element + "\" and one accumulator");
    }
  }
  if (!seen.contains({"e8m7", Accumulator::kFp32, 0})) {
    b.fault("pe", "no fp32 unit for element \"e8m7\" (BF16), the yardstick of the others");
  }
}

struct SramField {
  TechnologyFile& file;
};

void bind(Binder& b, SramField& field) {
  SramPrices& sram = field.file.table.sram;
  b.file({"table", "", "CSV of CACTI results", Presence::kRequired}, field.file.sram_table);
  b.one_of({"cell", "", "cell type: low standby power, high performance, low operating power",
            Presence::kRequired},
           field.file.sram_cell, {"itrs-lstp", "itrs-hp", "itrs-lop"});
  b.choice({"access", "",
            "energy of an access: macro, of the whole macro with the way to the bank; bank, of a "
            "macro as large as one bank",
            Presence::kRequired},
           sram.access, kSramAccessNames);
  price(b, "model_error", "ratio", "table against silicon", sram.model_error);
  price(b, "read_interpolation", "ratio", "reads between table points", sram.read_interpolation);
  price(b, "write_interpolation", "ratio", "writes between table points", sram.write_interpolation);
  price(b, "second_port_energy", "ratio",
        "access to cells of two ports over one; once more for each further port",
        sram.second_port_energy);
  price(b, "second_port_area", "ratio",
        "area and leakage of cells of two ports over one; once more for each",
        sram.second_port_area);
  if (b.describing() || field.file.sram_table.empty() || field.file.sram_cell.empty()) return;
  try {
    sram.table =
        load_sram_table(field.file.sram_table, field.file.table.node_nm, field.file.sram_cell);
  } catch (const InputError& error) {
    b.fault(error);
  }
}

}  // namespace

void bind(Binder& b, TechnologyFile& file) {
  TechnologyTable& table = file.table;
  b.integer({"node_nm", "nm", "technology node", Presence::kRequired}, table.node_nm, {1, 1000});
  price(b, "logic_energy_scale", "ratio", "logic energy relative to 45 nm",
        table.logic_energy_scale);
  price(b, "logic_area_scale", "ratio", "logic area relative to 45 nm", table.logic_area_scale);
  price(b, "logic_energy_error", "ratio", "error common to all synthesised units",
        table.logic_energy_error);
  price(b, "nand2_area", "um^2", "a NAND2 at 45 nm", table.nand2_area);
  price(b, "logic_leakage", "nW/NAND2", "standing power of logic", table.logic_leakage);
  b.section({"pe", "", "processing elements", Presence::kRequired}, table.pe);
  SramField sram{file};
  b.section({"sram", "", "buffers", Presence::kRequired}, sram);
  b.section({"vector", "", "vector unit", Presence::kRequired}, table.vector);
  b.section({"requant", "", "re-quantization unit", Presence::kRequired}, table.requant);
  b.section({"dma", "", "data movement on chip", Presence::kRequired}, table.dma);
  b.section({"dram", "", "band of a DRAM device's own numbers", Presence::kRequired}, table.dram);
  if (!b.describing()) check_units(b, table.pe);
}

TechnologyTable load_technology(const std::string& path) {
  return load_config<TechnologyFile>(path).table;
}

}  // namespace mxsim
