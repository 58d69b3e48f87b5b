#include <algorithm>
#include <bit>
#include <cmath>
#include <sstream>
#include <utility>

#include "models/core/shape.h"
#include "models/dram/address_hash.h"
#include "models/dram/dram_device.h"
#include "models/dram/refresh_progress.h"

namespace mxsim {
namespace {

constexpr std::int64_t kMaxCycles = 1'000'000;
constexpr std::int64_t kMaxIdealLatency = 10'000;

using Named = std::pair<std::string, std::int64_t>;

std::string decimal(double value) {
  std::ostringstream text;
  text << value;
  return text.str();
}

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
    if (faults_.empty()) check_progress();
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
      const bool columns = is_column(rule.preceding) && is_column(rule.following);
      range(pointer + "/cycles", rule.cycles, columns ? -kMaxCycles : 0, kMaxCycles);
      if (columns) check_data_bus(pointer + "/cycles", rule);
      range(pointer + "/window", rule.window, 1, 64);
      for (DramCommand c : {rule.preceding, rule.following}) {
        if (!device_.has(c)) fault(pointer, "the device lacks " + std::string(to_string(c)));
      }
      if (rule.scope == RuleScope::kOther && rule.level == DramLevel::kChannel) {
        fault(pointer, "channels share no node: scope \"other\" needs an inner level");
      }
    }
  }

  /// A rule between bursts of one data bus that would let them overlap.
  void check_data_bus(const std::string& pointer, const TimingRule& rule) {
    const bool same = rule.scope == RuleScope::kSame;
    const bool one_bus = rule.level > DramLevel::kPseudoChannel ||
                         (rule.level == DramLevel::kPseudoChannel && same) ||
                         device_.organisation.pseudo_channels == 1;
    const std::int64_t gap = device_.data_bus_gap_cycles(rule.preceding, rule.following);
    if (!one_bus || rule.window > 1 || rule.cycles >= gap) return;
    fault(pointer, "got " + std::to_string(rule.cycles) + " from " +
                       std::string(to_string(rule.preceding)) + " to " +
                       std::string(to_string(rule.following)) + ", expected at least " +
                       std::to_string(gap) + ": a burst holds the data bus for " +
                       std::to_string(device_.burst_cycles) + " cycles");
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

  void check_progress() {
    if (device_.ideal || device_.refresh.mode == RefreshMode::kNone) return;
    const RefreshProgress progress = refresh_progress(device_);
    if (progress.holds()) return;
    std::string why =
        std::to_string(progress.access_cycles) + " from a refresh to the first read or write, " +
        std::to_string(progress.close_cycles) + " from the last command to the next refresh";
    if (progress.ranks > 1) why += ", for each of " + std::to_string(progress.ranks) + " ranks";
    fault("/refresh/interval", "got " + std::to_string(progress.interval_cycles) +
                                   " cycles between refreshes of a bank, expected at least " +
                                   std::to_string(progress.needed_cycles()) + ": " + why);
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
      check("/energy/power_down_mw", bit->power_down_mw);
      return;
    }
    check_currents(std::get<DramCurrents>(device_.energy));
  }

  /// Prices are charges above standby (dram_prices.h): none may be negative, and what a device
  /// always draws is above 0.
  void check_currents(const DramCurrents& idd) {
    const std::vector<std::pair<std::string, double>> drawn{
        {"vdd_v", idd.vdd_v},
        {"idd0_ma", idd.idd0_ma},
        {"idd2n_ma", idd.idd2n_ma},
        {"idd3n_ma", idd.idd3n_ma},
        {"idd4r_ma", idd.idd4r_ma},
        {"idd4w_ma", idd.idd4w_ma},
        {"devices_per_rank", idd.devices_per_rank}};
    const std::vector<std::pair<std::string, double>> others{
        {"idd5b_ma", idd.idd5b_ma},
        {"idd5pb_ma", idd.idd5pb_ma},
        {"idd2p_ma", idd.idd2p_ma},
        {"idd3p_ma", idd.idd3p_ma},
        {"act_to_act", idd.act_to_act_cycles},
        {"act_to_pre", idd.act_to_pre_cycles},
        {"refresh", idd.refresh_cycles},
        {"bank_refresh", idd.bank_refresh_cycles}};
    const std::size_t before = faults_.size();
    for (const auto& [key, value] : drawn) {
      if (std::isfinite(value) && value > 0) continue;
      fault("/energy/" + key, "got " + decimal(value) + ", expected a number above 0");
    }
    for (const auto& [key, value] : others) {
      if (std::isfinite(value) && value >= 0) continue;
      fault("/energy/" + key, "got " + decimal(value) + ", expected a number of at least 0");
    }
    if (faults_.size() == before) check_charges(idd);
  }

  void check_charges(const DramCurrents& idd) {
    const auto above = [this](const char* key, double value, const char* standby, double least) {
      if (value >= least) return;
      fault(std::string("/energy/") + key, "got " + decimal(value) + ", expected at least " +
                                               standby + ", " + decimal(least) +
                                               ": less would give energy back");
    };
    const auto below = [this](const char* key, double value, const char* standby, double most) {
      if (value <= most) return;
      fault(std::string("/energy/") + key,
            "got " + decimal(value) + ", expected at most " + standby + ", " + decimal(most));
    };
    above("idd4r_ma", idd.idd4r_ma, "idd3n_ma", idd.idd3n_ma);
    above("idd4w_ma", idd.idd4w_ma, "idd3n_ma", idd.idd3n_ma);
    const RefreshMode mode = device_.refresh.mode;
    if (mode == RefreshMode::kAllBank || idd.idd5b_ma > 0 || idd.refresh_cycles > 0) {
      above("idd5b_ma", idd.idd5b_ma, "idd3n_ma", idd.idd3n_ma);
    }
    if (mode == RefreshMode::kPerBank && (idd.idd5pb_ma == 0 || idd.bank_refresh_cycles == 0)) {
      fault("/energy/idd5pb_ma", "refresh by bank needs idd5pb_ma and bank_refresh");
    } else if (idd.idd5pb_ma > 0 || idd.bank_refresh_cycles > 0) {
      above("idd5pb_ma", idd.idd5pb_ma, "idd3n_ma", idd.idd3n_ma);
    }
    below("idd2p_ma", idd.idd2p_ma, "idd2n_ma", idd.idd2n_ma);
    below("idd3p_ma", idd.idd3p_ma, "idd3n_ma", idd.idd3n_ma);
    below("act_to_pre", idd.act_to_pre_cycles, "act_to_act", idd.act_to_act_cycles);
    check_activation(idd);
  }

  void check_activation(const DramCurrents& idd) {
    const double open = idd.act_to_pre_cycles;
    const double closed = idd.act_to_act_cycles - idd.act_to_pre_cycles;
    const double standby = idd.idd3n_ma * open + idd.idd2n_ma * closed;
    if (closed < 0 || idd.idd0_ma * idd.act_to_act_cycles >= standby) return;
    fault("/energy/idd0_ma", "got " + decimal(idd.idd0_ma) + ", expected at least " +
                                 decimal(standby / idd.act_to_act_cycles) + ", idd3n_ma of " +
                                 decimal(idd.idd3n_ma) + " over " + decimal(open) +
                                 " cycles and idd2n_ma of " + decimal(idd.idd2n_ma) + " over " +
                                 decimal(closed) + ": less would give energy back");
  }

  const DramDevice& device_;
  std::vector<Diagnostic> faults_;
};

}  // namespace

std::vector<Diagnostic> validate(const DramDevice& device) { return Checker(device).run(); }

}  // namespace mxsim
