#pragma once

#include <string>
#include <vector>

#include "models/chip/chip_spec.h"
#include "models/chip/post_processor.h"
#include "models/core/unit.h"
#include "models/energy/area_breakdown.h"
#include "models/energy/sram_table.h"
#include "models/energy/technology_table.h"
#include "models/energy/work_formats.h"

namespace mxsim {

/// The parts of a chip that cost energy and silicon.
struct PricedChip {
  ArraySpec array;
  BufferSet buffers = separate_buffers({}, {}, {});
  VectorSpec vector;
  RequantSpec requant;
  double clock_hz = 0;
  PostProcessor post_processor = {};
};

/// A part of a chip built of gates, in NAND2 equivalents.
struct LogicBlock {
  AreaComponent component = AreaComponent::kArray;
  UncertainPrice nand2;
};

/// The chip's logic as it is built for every format in use: each PE for the largest pair.
std::vector<LogicBlock> logic_blocks(const PricedChip& chip, const std::vector<WorkFormats>& in_use,
                                     const TechnologyTable& table);

struct BufferMacro {
  std::string name;
  std::vector<Unit> units;  ///< that count its accesses
  std::int64_t word_bits = 0;
  SramMacro macro;  ///< all groups' leakage and area, with cells of one port
  std::int64_t extra_ports = 0;

  /// The price times `each` for every further port of the cells.
  UncertainPrice with_ports(UncertainPrice price, const std::string& factor,
                            const Price& each) const;
};

/// The chip's buffers as they are built: operand words hold elements of the widest format in use.
std::vector<BufferMacro> buffer_macros(const PricedChip& chip,
                                       const std::vector<WorkFormats>& in_use,
                                       const SramPrices& sram);

AreaBreakdown chip_area(const PricedChip& chip, const std::vector<WorkFormats>& in_use,
                        const TechnologyTable& table);

}  // namespace mxsim
