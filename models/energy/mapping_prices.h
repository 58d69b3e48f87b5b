#pragma once

#include "models/energy/price_list.h"
#include "models/mapping/chip/mapping_objective.h"

namespace mxsim {

/// What the mapper compares energies by: accesses to the buffers' words, bytes transposed between
/// buffer and array or shared by arrays of a grid, DRAM bytes with their way over the DMA (reads
/// and writes averaged, rows taken to be open), and standing power. Prices that no mapping changes,
/// such as those of multiply-accumulates, are left out.
MappingPrices mapping_prices(const PriceList& prices, double clock_hz, double dram_burst_bytes);

}  // namespace mxsim
