#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include "models/core/shape.h"
#include "models/dram/address_hash.h"
#include "models/dram/dram_device.h"

namespace mxsim {
namespace {

constexpr std::int64_t kMaxCycles = 1'000'000;
constexpr std::int64_t kMaxIdealLatency = 10'000;

using Named = std::pair<std::string, std::int64_t>;

class Checker {
 public:
  explicit Checker(const DramDevice& device) : device_(device) {}

  std::vector<Diagnostic> run() {
    check_organisation();
    if (device_.ideal) {
      check_ideal();
    } else {
      check_commands();
      check_rules();
      check_refresh();
    }
    check_address_map();
    check_energy();
    return std::move(faults_);
  }

 private:
  void fault(std::string pointer, std::string message) {
    faults_.push_back({"", std::move(pointer), std::move(message)});
  }

  void range(const std::string& pointer, std::int64_t value, std::int64_t low, std::int64_t high) {
    if (value >= low && value <= high) return;
    fault(pointer, "got " + std::to_string(value) + ", expected " + std::to_string(low) + ".." +
                       std::to_string(high));
  }

  void check_organisation() {
    const DramOrganisation& o = device_.organisation;
    const std::vector<Named> sizes{{"channels", o.channels}, {"pseudo_channels", o.pseudo_channels},
                                   {"ranks", o.ranks},       {"bank_groups", o.bank_groups},
                                   {"banks", o.banks},       {"rows", o.rows},
                                   {"bursts", o.bursts},     {"burst_bytes", o.burst_bytes}};
    Shape extents;
    for (const auto& [name, size] : sizes) {
      extents.push_back(size);
      if (size >= 1 && std::has_single_bit(static_cast<std::uint64_t>(size))) continue;
      fault("/organisation/" + name,
            "got " + std::to_string(size) + ", expected a power of two of at least 1");
    }
    if (!checked_elements(extents)) fault("/organisation", "capacity exceeds 2^63 bytes");
    if (faults_.empty() && o.count(DramLevel::kBank) > 4096) {
      fault("/organisation", "more than 4096 banks in a channel");
    }
    range("/clock_hz", device_.clock_hz, 1'000'000, 100'000'000'000);
  }

  void check_ideal() {
    range("/ideal/bytes_per_cycle", device_.ideal->bytes_per_cycle, 1, 65536);
    range("/ideal/latency_cycles", device_.ideal->latency_cycles, 0, kMaxIdealLatency);
    if (std::holds_alternative<DramCurrents>(device_.energy)) {
      fault("/energy/kind", "an ideal device has no commands for currents to price");
    }
  }

  void check_commands() {
    for (DramCommand c : {DramCommand::kActivate, DramCommand::kPrecharge, DramCommand::kRead,
                          DramCommand::kWrite}) {
      if (!device_.has(c)) fault("/commands", "lacks " + std::string(to_string(c)));
    }
    const bool closes = device_.has(DramCommand::kReadAuto) && device_.has(DramCommand::kWriteAuto);
    if (device_.page_policy == PagePolicy::kClosed && !closes) {
      fault("/page_policy", "the device lacks RDA or WRA");
    }
    range("/page_timeout", device_.page_timeout_cycles, 0, kMaxCycles);
    const bool sleeps = device_.has(DramCommand::kPowerDown) && device_.has(DramCommand::kPowerUp);
    if (device_.power_down.mode != PowerDownMode::kNone && !sleeps) {
      fault("/power_down/mode", "the device lacks PDE or PDX");
    }
    range("/power_down/idle", device_.power_down.idle_cycles, 0, kMaxCycles);
    for (std::size_t i = 0; i < kDramCommandCount; ++i) {
      range("/commands/" + std::string(kDramCommandNames[i]) + "/bus_cycles",
            device_.commands[i].bus_cycles, 0, 64);
    }
    range("/latency/read", device_.read_latency_cycles, 1, kMaxCycles);
    range("/latency/write", device_.write_latency_cycles, 1, kMaxCycles);
    range("/latency/burst", device_.burst_cycles, 1, 1024);
  }

  void check_rules() {
    for (std::size_t i = 0; i < device_.rules.size(); ++i) {
      const TimingRule& rule = device_.rules[i];
      const std::string pointer = "/rules/" + std::to_string(i);
      range(pointer + "/cycles", rule.cycles, 0, kMaxCycles);
      range(pointer + "/window", rule.window, 1, 64);
      for (DramCommand c : {rule.preceding, rule.following}) {
        if (!device_.has(c)) fault(pointer, "the device lacks " + std::string(to_string(c)));
      }
      if (rule.scope == RuleScope::kOther && rule.level == DramLevel::kChannel) {
        fault(pointer, "channels share no node: scope \"other\" needs an inner level");
      }
    }
  }

  void check_refresh() {
    const RefreshSpec& refresh = device_.refresh;
    if (refresh.mode == RefreshMode::kNone) return;
    const DramCommand c =
        refresh.mode == RefreshMode::kAllBank ? DramCommand::kRefresh : DramCommand::kRefreshBank;
    if (!device_.has(c)) fault("/refresh", "the device lacks " + std::string(to_string(c)));
    range("/refresh/interval", refresh.interval_cycles, 1, 100 * kMaxCycles);
    std::int64_t longest = 0;
    for (const TimingRule& rule : device_.rules) {
      if (rule.preceding == c) longest = std::max(longest, rule.cycles);
    }
    if (refresh.interval_cycles <= longest) {
      fault("/refresh/interval",
            "leaves no time after a refresh of " + std::to_string(longest) + " cycles");
    }
  }

  void check_address_map() {
    const DramOrganisation& o = device_.organisation;
    const std::array<std::int64_t, kAddressFieldCount> sizes{
        o.channels, o.pseudo_channels, o.ranks, o.bank_groups, o.banks, o.rows, o.bursts};
    std::array<int, kAddressFieldCount> bits{};
    int channel_slices = 0;
    for (const AddressSlice& slice : device_.address_map) {
      bits[static_cast<std::size_t>(slice.field)] += slice.bits;
      channel_slices += slice.field == AddressField::kChannel && slice.bits > 0 ? 1 : 0;
      if (slice.bits < 0) fault("/address_map", "a slice has a negative width");
    }
    for (std::size_t f = 0; f < kAddressFieldCount; ++f) {
      const int needed = std::countr_zero(static_cast<std::uint64_t>(sizes[f]));
      if (sizes[f] < 1 || bits[f] == needed) continue;
      fault("/address_map", std::string(kAddressFieldNames[f]) + " has " + std::to_string(bits[f]) +
                                " bits, its units need " + std::to_string(needed));
    }
    if (channel_slices > 1) fault("/address_map", "the channel field may not be split");
    if (!faults_.empty()) return;
    for (Diagnostic& found : hash_faults(device_)) faults_.push_back(std::move(found));
  }

  void check_energy() {
    const auto check = [this](const std::string& pointer, double value) {
      if (!(std::isfinite(value) && value >= 0)) fault(pointer, "expected a number of at least 0");
    };
    if (const auto* bit = std::get_if<DramPerBit>(&device_.energy)) {
      check("/energy/activate_pj_per_bit", bit->activate_pj);
      check("/energy/array_pj_per_bit", bit->array_pj);
      check("/energy/io_pj_per_bit", bit->io_pj);
      check("/energy/background_mw", bit->background_mw);
      return;
    }
    const auto& idd = std::get<DramCurrents>(device_.energy);
    const bool by_bank = device_.refresh.mode == RefreshMode::kPerBank;
    if (by_bank && (idd.idd5pb_ma <= 0 || idd.bank_refresh_cycles <= 0)) {
      fault("/energy/idd5pb_ma", "refresh by bank needs idd5pb_ma and bank_refresh");
    }
    for (double value : {idd.vdd_v, idd.idd0_ma, idd.idd2n_ma, idd.idd3n_ma, idd.idd4r_ma,
                         idd.idd4w_ma, idd.idd5b_ma, idd.idd5pb_ma, idd.idd2p_ma, idd.idd3p_ma,
                         idd.devices_per_rank, idd.bank_refresh_cycles, idd.act_to_act_cycles,
                         idd.act_to_pre_cycles, idd.refresh_cycles}) {
      check("/energy", value);
    }
  }

  const DramDevice& device_;
  std::vector<Diagnostic> faults_;
};

}  // namespace

std::vector<Diagnostic> validate(const DramDevice& device) { return Checker(device).run(); }

}  // namespace mxsim
