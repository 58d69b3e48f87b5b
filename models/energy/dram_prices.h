#pragma once

#include <string>
#include <vector>

#include "models/core/event.h"
#include "models/energy/technology_table.h"

namespace mxsim {

/// What the DRAM of a chip costs: pJ for each count of some of its events, and power whether it is
/// used or not. Either by the bit from a technology table or by the command from a device's
/// currents.
struct DramPrices {
  struct Entry {
    Event event;
    Price price;  ///< pJ a count
  };
  std::vector<Entry> events;
  Price background_mw;  ///< of all channels
};

/// Read and written bytes of the named device. Throws InputError when the table does not have it.
DramPrices dram_prices(const TechnologyTable& table, const std::string& device);

}  // namespace mxsim
