#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <unordered_map>
#include <vector>

namespace mxsim {

/// Runs shorter than this many bursts end before their states repeat: the transfers of a training
/// step have 422.
inline constexpr std::int64_t kLeastRememberedBursts = 1024;

/// States of a channel as lists of words, each with the ways that led on from it.
template <class Way>
class StateNodes {
 public:
  /// After many new states in turn, states are left out for a multiple of `rest_cycles`.
  explicit StateNodes(std::int64_t rest_cycles) : rest_cycles_(rest_cycles) {}

  bool rests(std::int64_t now) const { return now < rest_until_; }

  struct Found {
    int node;
    bool cleared;  ///< all other numbers of nodes are void
  };
  /// The node of this state, a new one if need be.
  Found find(const std::vector<std::int32_t>& state, std::int64_t now) {
    const std::uint64_t hash = hash_of(state);
    const auto found = found_.find(hash);
    if (found != found_.end() && nodes_[at(found->second)].state == state) {
      unknown_ = 0;
      return {found->second, false};
    }
    if (++unknown_ >= kPatience) rest_until_ = now + unknown_ * rest_cycles_;
    const bool full = nodes_.size() >= kMostNodes;
    if (full) {
      nodes_.clear();
      found_.clear();
    }
    nodes_.push_back({state, {}});
    const int node = static_cast<int>(nodes_.size()) - 1;
    found_[hash] = node;
    return {node, full};
  }
  const std::vector<std::int32_t>& state(int node) const { return nodes_[at(node)].state; }
  std::vector<Way>& ways(int node) { return nodes_[at(node)].ways; }
  const std::vector<Way>& ways(int node) const { return nodes_[at(node)].ways; }

 private:
  static constexpr std::size_t kMostNodes = 2048;
  static constexpr std::int64_t kPatience = 48;

  struct Node {
    std::vector<std::int32_t> state;
    std::vector<Way> ways;
  };
  static std::size_t at(int i) { return static_cast<std::size_t>(i); }
  /// Four sums side by side: a multiplication takes longer than the step to the next word.
  static std::uint64_t hash_of(const std::vector<std::int32_t>& words) {
    constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15U;
    std::array<std::uint64_t, 4> sums{1, 2, 3, 4};
    const auto add = [&](std::uint64_t& sum, std::int32_t word) {
      sum = (std::rotl(sum, 5) ^ static_cast<std::uint32_t>(word)) * kOdd;
    };
    std::size_t i = 0;
    for (; i + sums.size() <= words.size(); i += sums.size()) {
      for (std::size_t lane = 0; lane < sums.size(); ++lane) add(sums[lane], words[i + lane]);
    }
    for (; i < words.size(); ++i) add(sums[0], words[i]);
    std::uint64_t hash = 0;
    for (const std::uint64_t sum : sums) hash = (std::rotl(hash, 5) ^ sum) * kOdd;
    return hash;
  }

  std::int64_t rest_cycles_;
  std::vector<Node> nodes_;
  std::unordered_map<std::uint64_t, int> found_;  ///< nodes by hash of their state
  std::int64_t unknown_ = 0;     ///< states in turn that were met for the first time
  std::int64_t rest_until_ = 0;  ///< cycle
};

}  // namespace mxsim
