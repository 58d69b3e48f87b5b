#include "models/memory/port_share.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <vector>

namespace mxsim {
namespace {

constexpr std::size_t kArray = 0;
constexpr std::size_t kVector = 1;
constexpr std::size_t kDma = 4;

TEST(PortShare, LetsOneClientAloneKeepItsPace) {
  PortShare share(4);
  share.begin(kDma, Cycles(7), 100, Cycles(50));
  EXPECT_EQ(share.met(kDma), Cycles(57));
  EXPECT_EQ(share.rate(kDma), 2 * PortShare::kUnit);
}

TEST(PortShare, MovesNoMoreWordsACycleThanThereArePorts) {
  PortShare share(4);
  share.begin(kArray, Cycles(0), 100, Cycles(10));
  EXPECT_EQ(share.met(kArray), Cycles(25));
}

// The array takes 3 of 4 words a cycle until 30. From 10 on the DMA wants 4: it moves 1 a cycle
// until 30, that is 20 of its 40, then 4 a cycle for 5 cycles.
TEST(PortShare, GivesALaterClientWhatIsLeft) {
  PortShare share(4);
  share.begin(kArray, Cycles(0), 90, Cycles(30));
  share.begin(kDma, Cycles(10), 40, Cycles(10));
  EXPECT_EQ(share.met(kArray), Cycles(30));
  EXPECT_EQ(share.met(kDma), Cycles(35));
}

// The DMA has moved 20 of its 40 words when the vector unit takes all ports for 10 cycles.
TEST(PortShare, DelaysAClientByOneThatBeginsLaterAndGoesBeforeIt) {
  PortShare share(4);
  share.begin(kDma, Cycles(0), 40, Cycles(10));
  EXPECT_EQ(share.met(kDma), Cycles(10));
  share.begin(kVector, Cycles(5), 40, Cycles(10));
  EXPECT_EQ(share.met(kVector), Cycles(15));
  EXPECT_EQ(share.met(kDma), Cycles(20));
}

TEST(PortShare, IsNotChangedByWhatBeginsWhenAClientIsDone) {
  PortShare share(4);
  share.begin(kDma, Cycles(0), 40, Cycles(10));
  share.begin(kArray, Cycles(10), 400, Cycles(100));
  EXPECT_EQ(share.met(kDma), Cycles(10));
}

// Rates of 2/3 and 1/2 words a cycle share one port: the second gets 1/3 for 9 cycles, that is 3 of
// its 5 words, then takes 4 cycles for the other 2 at its own pace (and a fifth: rates are rounded
// up, so what it is left is less than a third).
TEST(PortShare, CountsInFractionsOfAWord) {
  PortShare share(1);
  share.begin(kArray, Cycles(0), 6, Cycles(9));
  share.begin(kVector, Cycles(0), 5, Cycles(10));
  EXPECT_EQ(share.met(kArray), Cycles(9));
  EXPECT_EQ(share.met(kVector), Cycles(14));
}

TEST(PortShare, MovesNothingWhereNothingIsAsked) {
  PortShare share(1);
  share.begin(kDma, Cycles(3), 0, Cycles(10));
  EXPECT_EQ(share.met(kDma), Cycles(3));
  EXPECT_FALSE(share.active(kDma));
}

/// The same rule cycle by cycle.
class EveryCycle {
 public:
  explicit EveryCycle(std::int64_t words) : capacity_(words * PortShare::kUnit) {}

  bool active(std::size_t client) const { return flows_[client].left > 0; }
  void begin(std::size_t client, std::int64_t words, std::int64_t over) {
    const std::int64_t left = words * PortShare::kUnit;
    flows_[client] = {ceil_div(left, over), left, cycle_};
  }
  /// Returns what was moved.
  std::int64_t step() {
    ++cycle_;
    std::int64_t free = capacity_;
    std::int64_t moved = 0;
    for (Flow& flow : flows_) {
      if (flow.left == 0) continue;
      const std::int64_t gets = std::min(flow.wanted, free);
      free -= gets;
      moved += std::min(gets, flow.left);
      flow.left -= std::min(gets, flow.left);
      if (flow.left == 0) flow.met = cycle_;
    }
    EXPECT_LE(moved, capacity_);
    return moved;
  }
  std::int64_t met(std::size_t client) const { return flows_[client].met; }

 private:
  struct Flow {
    std::int64_t wanted = 0;
    std::int64_t left = 0;
    std::int64_t met = 0;
  };
  std::int64_t capacity_;
  std::int64_t cycle_ = 0;
  std::array<Flow, PortShare::kClients> flows_{};
};

TEST(PortShare, IsTheRuleOfEveryCycleAndLosesNoWord) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    const auto draw = [&](std::int64_t low, std::int64_t high) {
      return std::uniform_int_distribution(low, high)(random);
    };
    const std::int64_t capacity = draw(1, 9);
    PortShare share(capacity);
    EveryCycle reference(capacity);
    std::int64_t asked = 0;
    std::int64_t moved = 0;
    const auto busy = [&](std::size_t last) {
      for (std::size_t i = 0; i <= last; ++i) {
        if (reference.active(i)) return true;
      }
      return false;
    };
    for (std::int64_t cycle = 0; cycle < 300 || busy(kDma); ++cycle) {
      for (std::size_t client = 0; cycle < 300 && client < PortShare::kClients; ++client) {
        if (reference.active(client) || draw(0, 9) > 0) continue;
        const std::int64_t words = draw(0, 60);
        const std::int64_t over = draw(1, 40);
        asked += words * PortShare::kUnit;
        share.begin(client, Cycles(cycle), words, Cycles(over));
        reference.begin(client, words, over);
      }
      moved += reference.step();
      for (std::size_t client = 0; client < PortShare::kClients; ++client) {
        if (reference.active(client)) {
          EXPECT_GT(share.met(client), Cycles(cycle + 1)) << seed;
        } else if (reference.met(client) == cycle + 1) {
          EXPECT_EQ(share.met(client), Cycles(cycle + 1)) << seed;
        }
      }
    }
    EXPECT_EQ(moved, asked);
  }
}

TEST(PortShare, EndsNothingLaterWithMoreWordsACycle) {
  for (unsigned seed = 0; seed < 500; ++seed) {
    std::mt19937 random(seed);
    const auto draw = [&](std::int64_t low, std::int64_t high) {
      return std::uniform_int_distribution(low, high)(random);
    };
    const std::int64_t words_per_cycle = draw(1, 9);
    PortShare narrow(words_per_cycle);
    PortShare wide(words_per_cycle + draw(1, 5));
    std::int64_t cycle = 0;
    for (const std::size_t client : {3u, 1u, 4u, 0u, 2u}) {
      cycle += draw(0, 15);
      const std::int64_t words = draw(1, 60);
      const std::int64_t over = draw(1, 40);
      narrow.begin(client, Cycles(cycle), words, Cycles(over));
      wide.begin(client, Cycles(cycle), words, Cycles(over));
    }
    for (std::size_t client = 0; client < PortShare::kClients; ++client) {
      EXPECT_LE(wide.met(client), narrow.met(client)) << seed << " " << client;
    }
  }
}

TEST(PortShare, DoesNotDependOnTheOrderOfCallsInACycle) {
  const std::vector<std::size_t> clients{kArray, kVector, kDma};
  std::vector<std::size_t> order = clients;
  std::vector<Cycles> first;
  do {
    PortShare share(3);
    share.begin(2, Cycles(0), 77, Cycles(20));
    for (const std::size_t client : order) {
      share.begin(client, Cycles(11), 31 + static_cast<std::int64_t>(client), Cycles(13));
    }
    std::vector<Cycles> met;
    for (const std::size_t client : clients) met.push_back(share.met(client));
    met.push_back(share.met(2));
    if (first.empty()) first = met;
    EXPECT_EQ(met, first);
  } while (std::next_permutation(order.begin(), order.end()));
}

}  // namespace
}  // namespace mxsim
