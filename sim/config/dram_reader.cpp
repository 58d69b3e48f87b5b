#include "sim/config/dram_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <optional>

#include "models/core/did_you_mean.h"
#include "models/core/units.h"
#include "models/dram/address_hash.h"
#include "sim/config/address_bits.h"
#include "sim/config/dram_formula.h"
#include "sim/config/load.h"

namespace mxsim {
namespace {

constexpr std::int64_t kPicosecondsPerSecond = 1'000'000'000'000;
__extension__ using Wide = unsigned __int128;

std::int64_t cycles_of(const DramParameter& parameter, std::int64_t clock_hz) {
  std::int64_t cycles = parameter.value;
  if (parameter.unit == TimeUnit::kPicoseconds) {
    Wide scaled = static_cast<Wide>(parameter.value) * static_cast<Wide>(clock_hz);
    if (parameter.rounding == TimeRounding::kUp) scaled += kPicosecondsPerSecond - 1;
    cycles = static_cast<std::int64_t>(scaled / kPicosecondsPerSecond);
  }
  return std::max(cycles, parameter.at_least_cycles);
}

class Converter {
 public:
  Converter(const DramFile& file, std::vector<Diagnostic>& faults) : file_(file), faults_(faults) {}

  DramDevice run() {
    device_.name = file_.name;
    device_.clock_hz = file_.clock_hz;
    device_.organisation = file_.organisation;
    convert_parameters();
    if (file_.kind == DramKind::kIdeal) {
      convert_ideal();
    } else {
      convert_timing();
    }
    for (std::size_t i = 0; i < file_.address_map.size(); ++i) convert_slice(i);
    device_.channel_hash = convert_hash("/channel_hash", file_.channel_hash);
    device_.bank_hash = convert_hash("/bank_hash", file_.bank_hash);
    convert_energy();
    return std::move(device_);
  }

 private:
  void convert_parameters() {
    for (const auto& [name, parameter] : file_.parameters) {
      cycles_[name] = cycles_of(parameter, file_.clock_hz);
    }
  }

  /// A timed device made ideal keeps the bandwidth of its data buses.
  void convert_ideal() {
    IdealTiming ideal = file_.ideal;
    const DramOrganisation& o = file_.organisation;
    const std::int64_t bytes = o.pseudo_channels * o.burst_bytes;
    if (ideal.bytes_per_cycle == 0 && !file_.latency.burst.empty()) {
      device_.burst_cycles = evaluate("/latency/burst", file_.latency.burst);
      ideal.bytes_per_cycle = bytes / std::max<std::int64_t>(1, device_.burst_cycles);
      assume("ideal", "the bandwidth of its data buses, no latency");
    } else if (ideal.bytes_per_cycle > 0) {
      device_.burst_cycles = ceil_div(bytes, ideal.bytes_per_cycle);
    }
    device_.ideal = ideal;
  }

  void convert_timing() {
    for (const auto& [name, parameter] : file_.parameters) {
      if (parameter.guess && !only_between_ranks(name)) assume(name, parameter.source);
    }
    convert_commands();
    device_.read_latency_cycles = evaluate("/latency/read", file_.latency.read);
    device_.write_latency_cycles = evaluate("/latency/write", file_.latency.write);
    device_.burst_cycles = evaluate("/latency/burst", file_.latency.burst);
    for (std::size_t i = 0; i < file_.rules.size(); ++i) convert_rule(i);
    device_.refresh.mode = file_.refresh.mode;
    if (file_.refresh.mode != RefreshMode::kNone) {
      const bool by_bank =
          file_.refresh.mode == RefreshMode::kPerBank && !file_.refresh.bank_interval.empty();
      device_.refresh.interval_cycles =
          by_bank ? evaluate("/refresh/bank_interval", file_.refresh.bank_interval)
                  : evaluate("/refresh/interval", file_.refresh.interval);
    }
    device_.page_policy = file_.page_policy;
    device_.page_timeout_cycles = evaluate("/page_timeout", file_.page_timeout);
    device_.power_down = {file_.power_down.mode,
                          evaluate("/power_down/idle", file_.power_down.idle)};
  }

  /// The parameter decides nothing: it stands in rules between ranks alone, and there is one rank.
  bool only_between_ranks(const std::string& name) const {
    if (file_.organisation.ranks > 1) return false;
    for (const std::string& formula :
         {file_.latency.read, file_.latency.write, file_.latency.burst, file_.refresh.interval,
          file_.refresh.bank_interval, file_.page_timeout, file_.power_down.idle,
          file_.energy.act_to_act, file_.energy.act_to_pre, file_.energy.refresh,
          file_.energy.bank_refresh}) {
      if (mentions(formula, name)) return false;
    }
    const auto between_ranks = [](const DramRuleEntry& rule) {
      return rule.level == DramLevel::kRank && rule.scope == RuleScope::kOther;
    };
    return std::none_of(file_.rules.begin(), file_.rules.end(), [&](const DramRuleEntry& rule) {
      return !between_ranks(rule) && mentions(rule.cycles, name);
    });
  }

  void fault(std::string pointer, std::string message) {
    faults_.push_back({"", std::move(pointer), std::move(message)});
  }

  void assume(const std::string& what, const std::string& why) {
    device_.assumptions.push_back(fmt::format("{}: {}: {}", file_.name, what, why));
  }

  std::int64_t evaluate(const std::string& pointer, const std::string& formula) {
    try {
      return evaluate_formula(formula, cycles_);
    } catch (const InputError& error) {
      for (const Diagnostic& found : error.diagnostics()) fault(pointer, found.message);
      return 1;
    }
  }

  void convert_commands() {
    for (std::size_t i = 0; i < file_.commands.size(); ++i) {
      const DramCommandEntry& entry = file_.commands[i];
      const auto known = find_command(fmt::format("/commands/{}/name", i), entry.name);
      if (!known) continue;
      CommandSpec& spec = device_.commands[index(*known)];
      if (spec.bus_cycles > 0) fault(fmt::format("/commands/{}", i), "stands twice");
      spec = {entry.bus_cycles, entry.bus};
    }
  }

  std::optional<DramCommand> find_command(const std::string& pointer, const std::string& name) {
    for (std::size_t c = 0; c < kDramCommandCount; ++c) {
      if (kDramCommandNames[c] == name) return static_cast<DramCommand>(c);
    }
    fault(pointer, fmt::format("unknown command \"{}\", expected one of {}", name,
                               fmt::join(kDramCommandNames, ", ")));
    return std::nullopt;
  }

  void convert_rule(std::size_t i) {
    const DramRuleEntry& entry = file_.rules[i];
    const std::string pointer = fmt::format("/rules/{}", i);
    const std::int64_t cycles = evaluate(pointer + "/cycles", entry.cycles);
    for (const std::string& before : entry.preceding) {
      const auto preceding = find_command(pointer + "/preceding", before);
      for (const std::string& after : entry.following) {
        const auto following = find_command(pointer + "/following", after);
        if (!preceding || !following) continue;
        device_.rules.push_back(
            {entry.level, entry.scope, *preceding, *following, cycles, entry.window});
      }
    }
  }

  void convert_slice(std::size_t i) {
    const std::string& text = file_.address_map[i];
    const std::optional<AddressBit> slice = address_bit(text);
    if (slice && slice->bit <= 40) {
      device_.address_map.push_back({slice->field, slice->bit});
      return;
    }
    fault(fmt::format("/address_map/{}", i),
          fmt::format("got \"{}\", expected \"FIELD:BITS\" with a field of {}", text,
                      fmt::join(kAddressFieldNames, ", ")));
  }

  AddressHash convert_hash(const std::string& pointer, const std::vector<std::string>& texts) {
    AddressHash hash;
    for (const std::string& text : texts) {
      const auto bits = address_bits(text);
      if (!bits) {
        fault(fmt::format("{}/{}", pointer, hash.size()),
              fmt::format("got \"{}\", expected \"FIELD:BIT ^ FIELD:BIT\" with fields of {}", text,
                          fmt::join(kAddressFieldNames, ", ")));
      }
      hash.push_back(bits.value_or(std::vector<AddressBit>{}));
    }
    return hash;
  }

  void convert_energy() {
    const DramEnergyEntry& energy = file_.energy;
    if (energy.guess) assume("energy", energy.source);
    if (energy.kind == DramEnergyKind::kPerBit) {
      const DramPerBit& bit = energy.per_bit;
      if (bit.activate_pj + bit.array_pj + bit.io_pj == 0) {
        assume("energy", "no price of a moved bit is stated: access costs nothing");
      }
      if (bit.background_mw == 0) assume("energy", "no background_mw is stated: standby is free");
      device_.energy = bit;
      return;
    }
    DramCurrents currents = energy.currents;
    const auto time = [this](const std::string& key, const std::string& formula) {
      return static_cast<double>(evaluate("/energy/" + key, formula));
    };
    currents.act_to_act_cycles = time("act_to_act", energy.act_to_act);
    currents.act_to_pre_cycles = time("act_to_pre", energy.act_to_pre);
    currents.refresh_cycles = time("refresh", energy.refresh);
    currents.bank_refresh_cycles = time("bank_refresh", energy.bank_refresh);
    device_.energy = currents;
  }

  const DramFile& file_;
  std::vector<Diagnostic>& faults_;
  std::map<std::string, std::int64_t> cycles_;
  DramDevice device_;
};

/// A rule of the device in terms of the file's entry that stands for several.
std::string pointer_in_file(const DramFile& file, const std::string& pointer) {
  constexpr std::string_view kRules = "/rules/";
  if (!pointer.starts_with(kRules)) return pointer;
  std::size_t rule = std::stoul(pointer.substr(kRules.size()));
  const std::size_t rest = pointer.find('/', kRules.size());
  std::size_t entry = 0;
  for (; entry < file.rules.size(); ++entry) {
    const std::size_t pairs =
        file.rules[entry].preceding.size() * file.rules[entry].following.size();
    if (rule < pairs) break;
    rule -= pairs;
  }
  return fmt::format("{}{}{}", kRules, entry,
                     rest == std::string::npos ? "" : pointer.substr(rest));
}

}  // namespace

DramDevice to_device(const DramFile& file, std::vector<Diagnostic>& faults) {
  return Converter(file, faults).run();
}

std::vector<Diagnostic> validate(const DramFile& file) {
  std::vector<Diagnostic> faults;
  const DramDevice device = to_device(file, faults);
  if (!faults.empty()) return faults;
  faults = validate(device);
  for (Diagnostic& fault : faults) fault.pointer = pointer_in_file(file, fault.pointer);
  return faults;
}

DramDevice load_dram_device(const std::string& path, const std::vector<Override>& overrides) {
  const auto file = load_config<DramFile>(path, overrides);
  std::vector<Diagnostic> faults;
  return to_device(file, faults);
}

DramDevice with_channels(DramDevice device, std::int64_t channels) {
  if (channels < 1 || !std::has_single_bit(static_cast<std::uint64_t>(channels))) {
    throw InputError(fmt::format("{} DRAM channels: expected a power of two", channels));
  }
  if (auto* bit = std::get_if<DramPerBit>(&device.energy)) {
    const double factor =
        static_cast<double>(channels) / static_cast<double>(device.organisation.channels);
    bit->background_mw *= factor;
    bit->power_down_mw *= factor;
  }
  device.organisation.channels = channels;
  const int bits = std::countr_zero(static_cast<std::uint64_t>(channels));
  device.channel_hash = low_bits(device.channel_hash, bits);
  for (AddressSlice& slice : device.address_map) {
    if (slice.field != AddressField::kChannel) continue;
    slice.bits = bits;
    return device;
  }
  if (channels == 1) return device;
  throw InputError(device.name + ": the address map has no place for channels");
}

}  // namespace mxsim
