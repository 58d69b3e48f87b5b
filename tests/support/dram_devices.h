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

/// Where the rank stands in an address map: above everything, above the banks, below everything.
enum class RankPlace : std::uint8_t { kTop, kAboveBanks, kBottom };
/// The same device with that many ranks.
DramDevice with_ranks(DramDevice device, std::int64_t ranks, RankPlace place);
/// The devices of all files with two and four ranks in different places of the address map.
std::vector<DramDevice> ranked_devices();
/// No rule between column commands: only the data bus is left to keep bursts apart.
DramDevice without_column_rules(DramDevice device);
/// DRAMsim3 has no refresh by bank, no row timeouts and, as compared here, no power-down.
bool dramsim3_plays(const DramDevice& device);
/// As profile dramsim3 sees it: no command takes the bus for more than a cycle.
DramDevice with_short_commands(DramDevice device);

}  // namespace mxsim::testing
