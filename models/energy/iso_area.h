#pragma once

#include <cstdint>

#include "models/energy/priced_chip.h"

namespace mxsim {

/// The chip, if it has this area; else with as many PEs, in rows and columns that are multiples of
/// `edge`, as fit into `area_mm2` together with its buffers and units as these formats need them
/// (words that follow the array grow with it). Columns a row stay within a quarter of the chip's
/// own ratio; of equal numbers of PEs the ratio nearest to it is taken, and of two such the one
/// with more columns. Throws InputError when not even `edge` rows and columns fit.
PricedChip sized_to_area(PricedChip chip, const std::vector<WorkFormats>& in_use,
                         const TechnologyTable& table, double area_mm2, std::int64_t edge = 1);

}  // namespace mxsim
