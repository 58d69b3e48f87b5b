#pragma once

#include <string>

#include "models/energy/technology_table.h"
#include "sim/config/binder.h"

namespace mxsim {

/// A technology file: the table, and where its SRAM macros came from.
struct TechnologyFile {
  TechnologyTable table;
  std::string sram_table;  ///< path of a CSV of CACTI results
  std::string sram_cell;   ///< "itrs-lstp", "itrs-hp" or "itrs-lop"
};

/// Every price is required, with the unit that is declared for it, a source, and
/// 0 <= low <= value <= high. Also reads the SRAM table that the file names.
void bind(Binder& b, TechnologyFile& file);

/// Reads a technology file and the SRAM table it names. Throws InputError with every fault.
TechnologyTable load_technology(const std::string& path);

/// Macros of one node and cell type from a CSV of CACTI results. Throws InputError.
SramTable load_sram_table(const std::string& path, std::int64_t node_nm, const std::string& cell);

}  // namespace mxsim
