#pragma once

#include "models/energy/priced_chip.h"

namespace mxsim {

/// The chip with as many PEs, in whole rows and columns, as fit into `area_mm2` together with its
/// buffers and units as these formats need them. Columns a row stay within a quarter of the chip's
/// own ratio; of equal numbers of PEs the ratio nearest to it is taken. Throws InputError when not
/// even one row and column fits.
PricedChip sized_to_area(PricedChip chip, const std::vector<WorkFormats>& in_use,
                         const TechnologyTable& table, double area_mm2);

}  // namespace mxsim
