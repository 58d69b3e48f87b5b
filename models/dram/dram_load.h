#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/dram/bank_lookup.h"
#include "models/dram/dram_run.h"

namespace mxsim {

/// Lower bound of the cycles that runs occupy each channel: by each data bus, command bus, rank,
/// bank group and bank that they reach, by the rules between commands of one kind. Bursts come in
/// the order of their addresses; rows stay open from run to run. Latencies, refresh and turns
/// between reads and writes are left out.
class DramLoad {
 public:
  explicit DramLoad(const DramDevice& device);

  /// Long runs are sampled: the first bursts, scaled to the run.
  void add(const DramRun& run);
  int channels() const { return map_.channels(); }
  /// Cycles of the device's clock since clear().
  double cycles(int channel) const;
  /// Of the busiest channel.
  double cycles() const;
  /// Bursts of a channel since clear(); nothing if a run was sampled.
  std::optional<std::int64_t> bursts(int channel) const;
  /// Rows stay open.
  void clear();
  /// As at the beginning.
  void reset();

 private:
  /// Cycles that a burst and the opening of a row take of one kind of node.
  struct Meter {
    std::int64_t banks = 1;  ///< of a node
    double burst = 0;
    double opening = 0;
  };
  struct BankUse {
    double bursts = 0;
    double openings = 0;
  };

  void add_meters(const DramDevice& device);
  void add_piece(std::int64_t first_byte, std::int64_t bytes, double pieces, double openings);
  /// Next to each other in one row, and how often a row that they find closed is opened.
  void add_bursts(std::int64_t first, double bursts, double openings);

  AddressMap map_;
  BankLookup lookup_;
  int granule_bits_;    ///< log2 of the bursts that are next to each other in one row
  std::int64_t banks_;  ///< of a channel
  std::vector<Meter> meters_;
  std::vector<BankUse> uses_;             ///< by bank, over all channels
  std::vector<std::uint32_t> open_rows_;  ///< by bank, over all channels
  bool sampled_ = false;
};

}  // namespace mxsim
