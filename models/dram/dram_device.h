#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "models/core/error.h"
#include "models/dram/dram_command.h"

namespace mxsim {

/// Units within one device; every count is a power of two. All channels are alike.
struct DramOrganisation {
  std::int64_t channels = 1;
  std::int64_t pseudo_channels = 1;  ///< of a channel: own data bus, shared command bus
  std::int64_t ranks = 1;            ///< of a pseudo-channel
  std::int64_t bank_groups = 1;      ///< of a rank
  std::int64_t banks = 1;            ///< of a bank group
  std::int64_t rows = 1;             ///< of a bank
  std::int64_t bursts = 1;           ///< column accesses that one row holds
  std::int64_t burst_bytes = 1;      ///< bytes one column command moves

  std::int64_t count(DramLevel level) const;  ///< nodes of `level` in one channel
  std::int64_t banks_under(DramLevel level) const;
  std::int64_t capacity_bytes() const;
  bool operator==(const DramOrganisation&) const = default;
};

/// kEnable: the clock-enable pins, which carry power-down entry and exit.
enum class CommandBus : std::uint8_t { kMain, kColumn, kEnable };
inline constexpr std::size_t kCommandBusCount = 3;

/// `bus_cycles` 0: the device lacks the command.
struct CommandSpec {
  std::int64_t bus_cycles = 0;
  CommandBus bus = CommandBus::kMain;
  bool operator==(const CommandSpec&) const = default;
};

/// kSame: between commands to the same node of the level; kOther: to different nodes of the level
/// that share the node above.
enum class RuleScope : std::uint8_t { kSame, kOther };

/// At least `cycles` from the `window`-th last `preceding` command to a `following` one. Times of
/// commands are those of their last command-bus cycle, as JEDEC figures measure. Negative cycles,
/// which only a rule between column commands may have, bind nothing.
struct TimingRule {
  DramLevel level = DramLevel::kBank;
  RuleScope scope = RuleScope::kSame;
  DramCommand preceding = DramCommand::kActivate;
  DramCommand following = DramCommand::kActivate;
  std::int64_t cycles = 0;
  std::int64_t window = 1;
  bool operator==(const TimingRule&) const = default;
};

/// kAllBank: a rank at a time; kPerBank: the banks of a rank in turn.
enum class RefreshMode : std::uint8_t { kNone, kAllBank, kPerBank };

struct RefreshSpec {
  RefreshMode mode = RefreshMode::kNone;
  std::int64_t interval_cycles = 0;  ///< between two refresh commands of one rank
  bool operator==(const RefreshSpec&) const = default;
};

/// kOpen: rows stay open until another is needed; kClosed: every column command closes its row;
/// kTimeout: a row that no waiting request needs closes some time after its last command.
enum class PagePolicy : std::uint8_t { kOpen, kClosed, kTimeout };

/// A rank without requests and without refresh to do powers down some time after its last command,
/// and up again for either.
enum class PowerDownMode : std::uint8_t { kNone, kIdle };

struct PowerDownSpec {
  PowerDownMode mode = PowerDownMode::kNone;
  std::int64_t idle_cycles = 0;  ///< from the rank's last command
  bool operator==(const PowerDownSpec&) const = default;
};

enum class AddressField : std::uint8_t {
  kChannel,
  kPseudoChannel,
  kRank,
  kBankGroup,
  kBank,
  kRow,
  kColumn,
};
inline constexpr std::size_t kAddressFieldCount = 7;
inline constexpr std::array<std::string_view, kAddressFieldCount> kAddressFieldNames{
    "channel", "pseudo_channel", "rank", "bank_group", "bank", "row", "column"};
constexpr std::string_view to_string(AddressField field) {
  return kAddressFieldNames[static_cast<std::size_t>(field)];
}

/// `bits` bits of `field`; a field may be split over several slices.
struct AddressSlice {
  AddressField field = AddressField::kRow;
  int bits = 0;
  bool operator==(const AddressSlice&) const = default;
};

/// Bit `bit` of a field as the address map places it.
struct AddressBit {
  AddressField field = AddressField::kRow;
  int bit = 0;
  auto operator<=>(const AddressBit&) const = default;
};

/// Address bits that are folded into a number by XOR, by bit of the number, least significant
/// first.
using AddressHash = std::vector<std::vector<AddressBit>>;

/// Datasheet currents of one chip; a command's energy is its charge above the standby current.
struct DramCurrents {
  double vdd_v = 0;
  double idd0_ma = 0;
  double idd2n_ma = 0;
  double idd3n_ma = 0;
  double idd4r_ma = 0;
  double idd4w_ma = 0;
  double idd5b_ma = 0;
  double devices_per_rank = 1;
  double act_to_act_cycles = 0;    ///< tRC
  double act_to_pre_cycles = 0;    ///< tRAS
  double refresh_cycles = 0;       ///< tRFC
  double idd5pb_ma = 0;            ///< during a refresh of one bank
  double idd2p_ma = 0;             ///< powered down, all banks closed; 0: as idd2n_ma
  double idd3p_ma = 0;             ///< powered down, a bank open; 0: as idd3n_ma
  double bank_refresh_cycles = 0;  ///< tRFCpb
  bool operator==(const DramCurrents&) const = default;
};

/// Energy by moved bits, as published for a whole device.
struct DramPerBit {
  double activate_pj = 0;
  double array_pj = 0;
  double io_pj = 0;
  double background_mw = 0;  ///< of the device's channels together
  double power_down_mw = 0;  ///< the same with all ranks powered down; 0: as background_mw
  bool operator==(const DramPerBit&) const = default;
};

/// A memory of fixed bandwidth: no commands, rules or refresh.
struct IdealTiming {
  std::int64_t bytes_per_cycle = 0;  ///< of a channel
  std::int64_t latency_cycles = 0;   ///< arrival to first data
  bool operator==(const IdealTiming&) const = default;
};

/// A DRAM as data: what it is made of, how long to wait between its commands, what they cost.
struct DramDevice {
  std::string name;
  std::int64_t clock_hz = 1;  ///< command clock
  DramOrganisation organisation;
  std::optional<IdealTiming> ideal;  ///< instead of commands, latencies, rules and refresh
  std::array<CommandSpec, kDramCommandCount> commands{};
  std::int64_t read_latency_cycles = 0;   ///< read command to first data
  std::int64_t write_latency_cycles = 0;  ///< write command to first data
  std::int64_t burst_cycles = 1;          ///< data bus occupancy of one burst
  std::vector<TimingRule> rules;
  RefreshSpec refresh;
  PagePolicy page_policy = PagePolicy::kOpen;
  std::int64_t page_timeout_cycles = 0;  ///< kTimeout: from the row's last command
  PowerDownSpec power_down;
  std::vector<AddressSlice> address_map;  ///< most significant first, above the burst's bytes
  AddressHash channel_hash;               ///< of address bits above the channel field
  AddressHash bank_hash;                  ///< of row bits, into the bank's number in its channel
  std::variant<DramPerBit, DramCurrents> energy;
  std::vector<std::string> assumptions;  ///< values that no source gives, as text for reports

  const CommandSpec& command(DramCommand c) const { return commands[index(c)]; }
  bool has(DramCommand c) const { return command(c).bus_cycles > 0; }
  /// Bytes per second of all data buses together.
  double peak_bytes_per_s() const;
  /// Least cycles from a column command to another of the same pseudo-channel whose burst follows
  /// on the data bus; negative where the second command may also come first.
  std::int64_t data_bus_gap_cycles(DramCommand preceding, DramCommand following) const;
  /// Cycles between two commands of one kind to one bank.
  std::int64_t self_gap_cycles(DramCommand c) const;
  /// Least cycles between any two column commands of a channel, from rules and data buses that span
  /// it.
  std::int64_t least_column_gap_cycles() const;
  bool operator==(const DramDevice&) const = default;
};

/// Every fault of the device; pointers are those of a device file ("/organisation/rows").
std::vector<Diagnostic> validate(const DramDevice& device);

}  // namespace mxsim
