#pragma once

#include "models/energy/priced_chip.h"
#include "models/energy/size_space.h"
#include "sim/config/run_config.h"

namespace mxsim {

/// The parts of a chip file that cost energy and silicon.
PricedChip priced_chip(const ChipConfig& chip);

/// Silicon of the run's chip, built for the formats that its work uses.
double silicon_mm2(const RunConfig& run);

/// The run on a chip whose array has as many rows and columns, in multiples of `edge`, as fit into
/// `area_mm2` (iso_area.h); buffers and units stay as they are. Throws InputError when no PE fits.
RunConfig sized_to_silicon(RunConfig run, double area_mm2, std::int64_t edge);

/// The sizes of the run's chip that fit into `area_mm2`. The run outlives it.
SizeSpace size_space(const RunConfig& run, double area_mm2, std::int64_t edge);

}  // namespace mxsim
