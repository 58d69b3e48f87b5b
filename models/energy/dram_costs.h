#pragma once

#include <cstdint>
#include <vector>

#include "models/core/event.h"
#include "models/dram/dram_device.h"
#include "models/energy/technology_table.h"

namespace mxsim {

/// What the DRAM of a chip costs: pJ for each count of some of its events.
struct DramCosts {
  struct Entry {
    Event event;
    Price price;  ///< pJ a count
  };
  std::vector<Entry> events;      ///< commands and bytes
  std::vector<Entry> background;  ///< cycles of a rank in each of its states
  Price standing_mw;              ///< of all ranks with a row open: before states are known
};

/// From a device's own numbers, with the band that the technology table gives them.
DramCosts dram_costs(const DramDevice& device, const TechnologyTable& table);

}  // namespace mxsim
