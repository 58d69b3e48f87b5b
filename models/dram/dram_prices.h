#pragma once

#include "models/dram/dram_device.h"

namespace mxsim {

/// What a device's commands and its waiting cost. Per-burst and per-byte prices add up.
struct DramPrices {
  double activate_pj = 0;  ///< an ACT and its PRE
  double read_burst_pj = 0;
  double write_burst_pj = 0;
  double refresh_pj = 0;       ///< of a rank
  double bank_refresh_pj = 0;  ///< of one bank
  double moved_byte_pj = 0;    ///< each byte of a burst, read or written
  double open_rank_mw = 0;     ///< a rank with any row open
  double closed_rank_mw = 0;   ///< a rank with no row open
  double open_down_mw = 0;     ///< a rank that is powered down with a row open
  double closed_down_mw = 0;   ///< a rank that is powered down with no row open
  bool operator==(const DramPrices&) const = default;
};

/// From currents: charge above standby, as DRAMsim3 and Micron's power notes count it:
/// ACT = VDD (IDD0 tRC - IDD3N tRAS - IDD2N (tRC - tRAS)), RD = VDD (IDD4R - IDD3N) burst,
/// REF = VDD (IDD5B - IDD3N) tRFC, REFB likewise with IDD5PB and tRFCpb, times chips of a rank.
/// From pJ/bit: all of it by moved byte.
DramPrices prices_of(const DramDevice& device);

}  // namespace mxsim
