#pragma once

#include <cstdint>
#include <vector>

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
  /// Rows stay open.
  void clear();

 private:
  /// Cycles that a burst and the opening of a row take of one kind of node.
  struct Meter {
    std::int64_t banks = 1;  ///< of a node
    double burst = 0;
    double opening = 0;
    std::vector<double> busy = {};  ///< by node, over all channels
    int bank_shift = 0;             ///< log2 of banks
  };

  void add_meters(const DramDevice& device);
  /// Next to each other in one row, and how often a row that they find closed is opened.
  void add_bursts(std::int64_t first, double bursts, double openings);

  AddressMap map_;
  std::int64_t granule_;  ///< bursts that are next to each other in one row
  std::int64_t banks_;    ///< of a channel
  std::vector<Meter> meters_;
  std::vector<std::int64_t> open_rows_;  ///< by bank, over all channels
  std::int64_t stretch_ = -1;            ///< AddressMap::stretch_bits
  DramAddress place_;                    ///< of some burst of it
};

}  // namespace mxsim
