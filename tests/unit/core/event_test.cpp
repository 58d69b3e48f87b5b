#include "models/core/event.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace mxsim {
namespace {

TEST(Event, EveryEventHasItsOwnNameAUnitAndADescription) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kEventCount; ++i) {
    const EventInfo& row = info(static_cast<Event>(i));
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_FALSE(row.unit.empty()) << row.name;
    EXPECT_FALSE(row.description.empty()) << row.name;
  }
}

TEST(EventCounts, CountsSinceASnapshotAddUpToTheTotal) {
  EventCounts counts;
  counts.add(Event::kMac, 5);
  const EventCounts snapshot = counts;
  counts.add(Event::kMac, 7);
  EventCounts sum = snapshot;
  sum += counts.since(snapshot);
  EXPECT_EQ(sum, counts);
  EXPECT_EQ(counts.since(snapshot)[Event::kMac], 7u);
}

}  // namespace
}  // namespace mxsim
