#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>

#include "models/core/rng.h"
#include "sim/dram/bank_queue_channel.h"
#include "sim/dram/frfcfs_channel.h"
#include "sim/dram/trace_replay.h"
#include "tests/support/dram_devices.h"

namespace mxsim {
namespace {

using namespace testing;

class Answers : public BurstSink {
 public:
  explicit Answers(std::size_t requests) : times_(requests, 0) {}
  void served(const ServedBursts& bursts) override {
    for (std::int64_t i = 0; i < bursts.count; ++i) {
      const bool own = bursts.owner == BurstOwner::kEachItsOwn;
      ++times_.at(bursts.request + (own ? static_cast<std::uint64_t>(i) : 0));
    }
  }
  void moved(std::int64_t) override {}
  std::size_t other_than_once() const {
    return static_cast<std::size_t>(
        std::count_if(times_.begin(), times_.end(), [](int times) { return times != 1; }));
  }

 private:
  std::vector<int> times_;
};

std::unique_ptr<ChannelScheduler> channel_of(const DramDevice& device, const AddressMap& map,
                                             DramProfile profile, BurstSink& sink) {
  if (profile == DramProfile::kDramsim3) {
    return std::make_unique<BankQueueChannel>(device, map, BankQueueSpec{}, 0, sink);
  }
  return std::make_unique<FrfcfsChannel>(device, map, FrfcfsSpec{}, DramStepping::kBurst, 0, sink);
}

/// The i-th access: place in channel 0 and direction.
struct Pattern {
  const char* name;
  std::function<std::pair<DramAddress, DramAccess>(const DramDevice&, std::uint64_t)> at;
};

DramAccess write_if(bool write) { return write ? DramAccess::kWrite : DramAccess::kRead; }

const std::vector<Pattern> kPatterns{
    {"one burst, read and written in turn",
     [](const DramDevice&, std::uint64_t i) {
       return std::pair{DramAddress{}, write_if(i % 2)};
     }},
    {"one burst, forty reads then forty writes",
     [](const DramDevice&, std::uint64_t i) {
       return std::pair{DramAddress{}, write_if(i / 40 % 2)};
     }},
    {"two rows of one bank, each read and written",
     [](const DramDevice&, std::uint64_t i) {
       return std::pair{DramAddress{0, 0, static_cast<std::int64_t>(i % 2), 0},
                        write_if(i / 2 % 2)};
     }},
    {"few bursts of all banks at random",
     [](const DramDevice& device, std::uint64_t i) {
       const std::uint64_t draw = CounterRng(5, device.name).bits(i);
       const auto banks = static_cast<std::uint64_t>(device.organisation.count(DramLevel::kBank));
       const auto row = static_cast<std::int64_t>(draw / banks % 3);
       return std::pair{DramAddress{0, static_cast<int>(draw % banks), row,
                                    static_cast<std::int64_t>(draw / 64 / banks % 4)},
                        write_if(draw >> 60 & 1)};
     }},
    {"whole rows of a few banks at random",
     [](const DramDevice& device, std::uint64_t i) {
       const std::uint64_t draw = CounterRng(6, device.name).bits(i);
       const DramOrganisation& o = device.organisation;
       return std::pair{DramAddress{0, static_cast<int>(draw % 2), 0,
                                    static_cast<std::int64_t>(draw / 8) & (o.bursts - 1)},
                        write_if(draw >> 60 & 1)};
     }},
};

// Offered as fast as the queues take them, so that they are full nearly all the time.
void play(const DramDevice& device, DramProfile profile, const Pattern& pattern) {
  constexpr std::uint64_t kRequests = 1200;
  constexpr std::int64_t kLongEnough = 200'000;
  const AddressMap map(device);
  Answers answers(kRequests);
  const auto channel = channel_of(device, map, profile, answers);
  for (std::uint64_t i = 0; i < kRequests; ++i) {
    const auto [place, access] = pattern.at(device, i);
    if (!channel->has_room(access)) {
      channel->advance_to_room(access, channel->now() + kLongEnough);
    }
    ASSERT_TRUE(channel->has_room(access))
        << device.name << ": stuck with " << pattern.name << " at request " << i;
    channel->add({i, access, map.encode(place) * device.organisation.burst_bytes});
  }
  channel->drain();
  EXPECT_EQ(answers.other_than_once(), 0u) << device.name << ": " << pattern.name;
}

std::vector<DramDevice> devices_and_variants() {
  std::vector<DramDevice> devices = all_devices();
  for (DramDevice& variant : device_variants()) devices.push_back(std::move(variant));
  return devices;
}

void play_all(DramProfile profile) {
  std::size_t played = 0;
  for (const DramDevice& device : devices_and_variants()) {
    if (profile == DramProfile::kDramsim3 && !dramsim3_plays(device)) continue;
    ++played;
    for (const Pattern& pattern : kPatterns) play(device, profile, pattern);
  }
  EXPECT_GT(played, 15u);
}

TEST(DramConservationTest, EveryRequestEndsExactlyOnceWithFullQueuesUnderFrfcfs) {
  play_all(DramProfile::kFrfcfs);
}

TEST(DramConservationTest, EveryRequestEndsExactlyOnceWithFullQueuesUnderDramsim3) {
  play_all(DramProfile::kDramsim3);
}

}  // namespace
}  // namespace mxsim
