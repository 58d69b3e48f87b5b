#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mxsim {

/// Parts of a channel, outermost first. Each is a node that timing rules can speak about.
enum class DramLevel : std::uint8_t { kChannel, kPseudoChannel, kRank, kBankGroup, kBank };
inline constexpr std::size_t kDramLevelCount = 5;

/// kReadAuto and kWriteAuto close their row by themselves. kPrechargeAll, kRefresh, kPowerDown and
/// kPowerUp act on a rank, kRefreshBank and the others on a bank.
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
  kPowerDown,
  kPowerUp,
};
inline constexpr std::size_t kDramCommandCount = 11;

constexpr std::size_t index(DramLevel level) { return static_cast<std::size_t>(level); }
constexpr std::size_t index(DramCommand command) { return static_cast<std::size_t>(command); }

/// Names in device files and command logs: "channel" .. "bank"; "ACT", "PRE", "PREA", "RD", "WR",
/// "RDA", "WRA", "REF", "REFB", "PDE", "PDX".
inline constexpr std::array<std::string_view, kDramLevelCount> kDramLevelNames{
    "channel", "pseudo_channel", "rank", "bank_group", "bank"};
inline constexpr std::array<std::string_view, kDramCommandCount> kDramCommandNames{
    "ACT", "PRE", "PREA", "RD", "WR", "RDA", "WRA", "REF", "REFB", "PDE", "PDX"};

constexpr bool is_read(DramCommand c) {
  return c == DramCommand::kRead || c == DramCommand::kReadAuto;
}
constexpr bool is_write(DramCommand c) {
  return c == DramCommand::kWrite || c == DramCommand::kWriteAuto;
}
constexpr bool is_column(DramCommand c) { return is_read(c) || is_write(c); }

inline std::string_view to_string(DramLevel level) { return kDramLevelNames[index(level)]; }
inline std::string_view to_string(DramCommand command) { return kDramCommandNames[index(command)]; }

}  // namespace mxsim
