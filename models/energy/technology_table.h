#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/chip/chip_spec.h"
#include "models/energy/price.h"
#include "models/energy/sram_table.h"

namespace mxsim {

/// A synthesised multiply-accumulate whose operands both have elements of kind `element`
/// (OperandElement::name()).
struct MacUnit {
  std::string element;
  Accumulator accumulator = Accumulator::kFp32;
  std::int64_t accumulator_bits = 0;  ///< width of the exact sum; 0 for kFp32
  Price energy;                       ///< pJ an operation
  Price area;                         ///< NAND2 equivalents
};

/// The unit that scales a finished exact block sum and adds it to the FP32 accumulator.
struct BlockEndUnit {
  std::int64_t accumulator_bits = 0;
  Price energy;  ///< pJ a block
  Price area;    ///< NAND2 equivalents
};

/// Cost of a datapath per bit of multiplier array, adder, shifter stage and flop (fJ or NAND2), and
/// what the closed form may be off by.
struct DatapathCosts {
  Price multiplier;
  Price adder;
  Price shifter;
  Price flop;
  Price error;
};

struct PePrices {
  std::vector<MacUnit> mac;
  std::vector<BlockEndUnit> block_end;
  DatapathCosts datapath_energy;
  DatapathCosts datapath_area;
  Price register_bit;    ///< fJ a bit moved into a register
  Price gated_fraction;  ///< of the multiply-accumulate that is skipped
  Price clock_fraction;  ///< of a BF16 multiply-accumulate, per BF16 PE and cycle; others by flops
  Price pass_control;    ///< pJ a pass
};

struct SramPrices {
  SramTable table;
  SramAccess access = SramAccess::kMacro;
  Price model_error;
  Price read_interpolation;
  Price write_interpolation;
  Price second_port_energy;  ///< of an access to cells with two ports over cells with one
  Price second_port_area;    ///< of the macro and of its leakage
};

/// pJ an FP32 operation; operand_registers is added to each.
struct VectorPrices {
  Price add;
  Price mul;
  Price compare;
  Price divide;
  Price sqrt;
  Price exp;
  Price log;
  Price operand_registers;
  Price lane_area;  ///< NAND2 equivalents
};

/// pJ an element.
struct RequantPrices {
  Price max;
  Price encode_float;
  Price encode_int;
  Price decode;
  Price convert;
  Price lane_area;  ///< NAND2 equivalents
};

struct DmaPrices {
  Price wire_energy;  ///< pJ/bit/mm
  Price wire_length;  ///< mm
};

/// How far the numbers of a DRAM device file may be off.
struct DramErrors {
  Price access_error;
  Price background_error;
};

/// Every number that turns counts into joules and square millimetres. Logic is given at 45 nm and
/// scaled; SRAM is tabulated at the node itself; DRAM and wires do not scale.
struct TechnologyTable {
  std::int64_t node_nm = 45;
  Price logic_energy_scale;
  Price logic_area_scale;
  Price logic_energy_error;  ///< common to all synthesised units
  Price nand2_area;          ///< um^2 at 45 nm
  Price logic_leakage;       ///< nW a NAND2 equivalent
  PePrices pe;
  SramPrices sram;
  VectorPrices vector;
  RequantPrices requant;
  DmaPrices dma;
  DramErrors dram;
};

}  // namespace mxsim
