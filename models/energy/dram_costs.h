#pragma once

#include <cstdint>
#include <vector>

#include "models/core/event.h"
#include "models/dram/dram_device.h"
#include "models/energy/technology_table.h"

namespace mxsim {

/// What the DRAM of a chip costs: pJ for each count of some of its events, and power whether it is
/// used or not.
struct DramCosts {
  struct Entry {
    Event event;
    Price price;  ///< pJ a count
  };
  std::vector<Entry> events;
  Price background_mw;  ///< of all devices
};

/// From a device's own numbers, with the band that the technology table gives them. Rows are taken
/// to be open all the time; the low end of the background is that of closed rows.
DramCosts dram_costs(const DramDevice& device, std::int64_t devices, const TechnologyTable& table);

}  // namespace mxsim
