#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/dram/dram_device.h"

namespace mxsim::testing {

/// The timing numbers from which a usual DRAM's rules follow, all in cycles.
struct UsualTimings {
  std::int64_t rcd, rp, ras, rrd_s, rrd_l, faw, ccd_s, ccd_l, wtr_s, wtr_l, wr, rtp, rfc, rtrs;
};

/// Rules of a DRAM with bank groups and ranks as JEDEC standards state them.
std::vector<TimingRule> usual_rules(const DramDevice& device, const UsualTimings& t);

/// Hand-made devices that differ in every mechanism: one shared command bus with multi-cycle
/// commands and four channels; separate column bus; bank groups and two ranks; bursts interleaved
/// over bank groups; refresh bank by bank.
std::vector<DramDevice> sample_devices();

/// Every device file under configs/dram/, sorted by path.
std::vector<std::string> device_files();
/// The hand-made devices and those of all files that have commands.
std::vector<DramDevice> all_devices();
/// The device with drawn channel and bank hashes.
DramDevice with_drawn_hashes(DramDevice device, std::uint64_t seed);
/// The devices of all files with each of the mechanisms on that they have commands for: refresh by
/// bank, power-down, row timeouts, all of them, and drawn hashes.
std::vector<DramDevice> device_variants();

}  // namespace mxsim::testing
