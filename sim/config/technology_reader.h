#pragma once

#include <string>

#include "models/energy/technology_table.h"
#include "sim/config/binder.h"

namespace mxsim {

/// A technology file as it stands: the table but for SRAM, and where the SRAM macros are.
struct TechnologyFile {
  TechnologyTable table;
  std::string sram_table;  ///< CSV of CACTI results, relative to the technology file
  std::string sram_cell;   ///< "itrs-lstp", "itrs-hp" or "itrs-lop"
};

/// Every price is required, with the unit that is declared for it, a source, and
/// 0 <= low <= value <= high.
void bind(Binder& b, TechnologyFile& file);

/// Reads a technology file and the SRAM table it names. Throws InputError with every fault.
TechnologyTable load_technology(const std::string& path);

/// Macros of one node and cell type from a CSV of CACTI results. Throws InputError.
SramTable load_sram_table(const std::string& path, std::int64_t node_nm, const std::string& cell);

}  // namespace mxsim
