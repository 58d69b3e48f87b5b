#include "models/dataflow/array_grid.h"

namespace mxsim {

ArrayCost cost_of_shares(const ArrayCost& one, const ShareCount& count) {
  ArrayCost cost = one.times(count.arrays);
  const ArrayTraffic& read = one.traffic;
  ArrayTraffic& traffic = cost.traffic;
  traffic.a_read_words = read.a_read_words * count.rows;
  traffic.b_read_words = read.b_read_words * count.columns;
  traffic.a_read = read.a_read * count.rows;
  traffic.b_read = read.b_read * count.columns;
  const Bytes taken = (read.a_read + read.b_read) * count.arrays;
  const Bytes multicast = taken - traffic.a_read - traffic.b_read;
  cost.counts.add(Event::kMulticastBytes, static_cast<std::uint64_t>(multicast.count()));
  return cost;
}

}  // namespace mxsim
