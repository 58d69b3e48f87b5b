#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mxsim {

/// Parts of a channel, outermost first. Each is a node that timing rules can speak about.
enum class DramLevel : std::uint8_t { kChannel, kPseudoChannel, kRank, kBankGroup, kBank };
inline constexpr std::size_t kDramLevelCount = 5;

/// kReadAuto and kWriteAuto close their row by themselves. kPrechargeAll and kRefresh act on a
/// rank, kRefreshBank and the others on a bank.
enum class DramCommand : std::uint8_t {
  kActivate,
  kPrecharge,
  kPrechargeAll,
  kRead,
  kWrite,
  kReadAuto,
  kWriteAuto,
  kRefresh,
  kRefreshBank,
};
inline constexpr std::size_t kDramCommandCount = 9;

constexpr std::size_t index(DramLevel level) { return static_cast<std::size_t>(level); }
constexpr std::size_t index(DramCommand command) { return static_cast<std::size_t>(command); }

/// Names in device files and command logs: "channel" .. "bank"; "ACT", "PRE", "PREA", "RD", "WR",
/// "RDA", "WRA", "REF", "REFB".
inline constexpr std::array<std::string_view, kDramLevelCount> kDramLevelNames{
    "channel", "pseudo_channel", "rank", "bank_group", "bank"};
inline constexpr std::array<std::string_view, kDramCommandCount> kDramCommandNames{
    "ACT", "PRE", "PREA", "RD", "WR", "RDA", "WRA", "REF", "REFB"};

inline std::string_view to_string(DramLevel level) { return kDramLevelNames[index(level)]; }
inline std::string_view to_string(DramCommand command) { return kDramCommandNames[index(command)]; }

}  // namespace mxsim
