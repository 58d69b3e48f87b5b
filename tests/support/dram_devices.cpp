#include "tests/support/dram_devices.h"

#include <algorithm>
#include <bit>
#include <filesystem>

#include "models/core/rng.h"
#include "sim/config/dram_reader.h"

namespace mxsim::testing {
namespace {

using C = DramCommand;
using L = DramLevel;
constexpr RuleScope kSame = RuleScope::kSame;
constexpr RuleScope kOther = RuleScope::kOther;

void set_commands(DramDevice& d, std::int64_t act, std::int64_t pre, std::int64_t column,
                  CommandBus column_bus) {
  d.commands[index(C::kActivate)] = {act, CommandBus::kMain};
  d.commands[index(C::kPrecharge)] = {pre, CommandBus::kMain};
  d.commands[index(C::kPrechargeAll)] = {pre, CommandBus::kMain};
  d.commands[index(C::kRead)] = {column, column_bus};
  d.commands[index(C::kWrite)] = {column, column_bus};
  d.commands[index(C::kRefresh)] = {pre, CommandBus::kMain};
}

using F = AddressField;

DramDevice four_channels() {
  DramDevice d;
  d.name = "four channels, long commands";
  d.clock_hz = 1'600'000'000;
  d.organisation = {4, 1, 1, 1, 8, 1 << 15, 64, 32};
  set_commands(d, 4, 2, 4, CommandBus::kMain);
  d.read_latency_cycles = 28;
  d.write_latency_cycles = 14;
  d.burst_cycles = 8;
  d.rules = usual_rules(d, {29, 34, 68, 16, 16, 64, 8, 8, 16, 16, 29, 12, 448, 2});
  d.refresh = {RefreshMode::kAllBank, 6246};
  d.address_map = {
      {F::kRow, 15}, {F::kBank, 3}, {F::kColumn, 5}, {F::kChannel, 2}, {F::kColumn, 1}};
  d.energy = DramPerBit{0, 8, 0, 150};
  return d;
}

DramDevice column_bus() {
  DramDevice d;
  d.name = "separate column bus";
  d.clock_hz = 1'000'000'000;
  d.organisation = {2, 2, 1, 4, 4, 1 << 14, 32, 32};
  set_commands(d, 2, 1, 1, CommandBus::kColumn);
  d.read_latency_cycles = 14;
  d.write_latency_cycles = 4;
  d.burst_cycles = 2;
  d.rules = usual_rules(d, {14, 14, 34, 4, 6, 30, 2, 4, 6, 8, 16, 5, 260, 0});
  d.refresh = {RefreshMode::kAllBank, 3900};
  d.address_map = {{F::kRow, 14},   {F::kBank, 2},          {F::kColumn, 3}, {F::kBankGroup, 2},
                   {F::kColumn, 2}, {F::kPseudoChannel, 1}, {F::kChannel, 1}};
  d.energy = DramPerBit{1.21, 2.54, 0.22, 0};
  return d;
}

DramDevice two_ranks() {
  DramDevice d;
  d.name = "bank groups, two ranks";
  d.clock_hz = 1'600'000'000;
  d.organisation = {1, 1, 2, 4, 4, 1 << 16, 128, 64};
  set_commands(d, 1, 1, 1, CommandBus::kMain);
  d.commands[index(C::kPrechargeAll)] = {};
  d.read_latency_cycles = 22;
  d.write_latency_cycles = 16;
  d.burst_cycles = 4;
  d.rules = usual_rules(d, {22, 22, 52, 4, 8, 34, 4, 8, 4, 12, 24, 12, 560, 1});
  d.refresh = {RefreshMode::kAllBank, 12480};
  d.address_map = {
      {F::kRow, 16}, {F::kRank, 1}, {F::kBank, 2}, {F::kBankGroup, 2}, {F::kColumn, 7}};
  d.energy = DramCurrents{1.2, 57, 37, 52, 168, 150, 250, 8, 74, 52, 560};
  return d;
}

DramDevice interleaved_groups() {
  DramDevice d = two_ranks();
  d.name = "bursts interleaved over bank groups";
  d.organisation.ranks = 1;
  d.address_map = {{F::kRow, 16}, {F::kColumn, 7}, {F::kBank, 2}, {F::kBankGroup, 2}};
  return d;
}

DramDevice bank_refresh() {
  DramDevice d = four_channels();
  d.name = "refresh bank by bank";
  d.commands[index(C::kRefreshBank)] = {2, CommandBus::kMain};
  const std::int64_t rfc = 144;
  for (C c : {C::kActivate, C::kRefreshBank}) {
    d.rules.push_back({L::kBank, kSame, C::kRefreshBank, c, rfc, 1});
  }
  d.rules.push_back({L::kBank, kSame, C::kPrecharge, C::kRefreshBank, 34, 1});
  d.rules.push_back({L::kRank, kSame, C::kActivate, C::kRefreshBank, 16, 1});
  d.rules.push_back({L::kRank, kSame, C::kRefreshBank, C::kActivate, 16, 1});
  d.rules.push_back({L::kRank, kSame, C::kRefreshBank, C::kRefreshBank, rfc, 1});
  d.refresh = {RefreshMode::kPerBank, 781};
  return d;
}

}  // namespace

std::vector<TimingRule> usual_rules(const DramDevice& d, const UsualTimings& t) {
  const std::int64_t burst = d.burst_cycles;
  const std::int64_t read = d.read_latency_cycles;
  const std::int64_t write = d.write_latency_cycles;
  std::vector<TimingRule> rules{
      {L::kBank, kSame, C::kActivate, C::kRead, t.rcd, 1},
      {L::kBank, kSame, C::kActivate, C::kWrite, t.rcd, 1},
      {L::kBank, kSame, C::kActivate, C::kPrecharge, t.ras, 1},
      {L::kBank, kSame, C::kActivate, C::kActivate, t.ras + t.rp, 1},
      {L::kBank, kSame, C::kPrecharge, C::kActivate, t.rp, 1},
      {L::kBank, kSame, C::kRead, C::kPrecharge, t.rtp, 1},
      {L::kBank, kSame, C::kWrite, C::kPrecharge, write + burst + t.wr, 1},
      {L::kBankGroup, kSame, C::kRead, C::kRead, t.ccd_l, 1},
      {L::kBankGroup, kSame, C::kWrite, C::kWrite, t.ccd_l, 1},
      {L::kBankGroup, kSame, C::kActivate, C::kActivate, t.rrd_l, 1},
      {L::kBankGroup, kSame, C::kWrite, C::kRead, write + burst + t.wtr_l, 1},
      {L::kRank, kSame, C::kRead, C::kRead, t.ccd_s, 1},
      {L::kRank, kSame, C::kWrite, C::kWrite, t.ccd_s, 1},
      {L::kRank, kSame, C::kActivate, C::kActivate, t.rrd_s, 1},
      {L::kRank, kSame, C::kActivate, C::kActivate, t.faw, 4},
      {L::kRank, kSame, C::kRead, C::kWrite, read + burst - write + t.rtrs, 1},
      {L::kRank, kSame, C::kWrite, C::kRead, write + burst + t.wtr_s, 1},
      {L::kRank, kSame, C::kPrecharge, C::kRefresh, t.rp, 1},
      {L::kRank, kSame, C::kRefresh, C::kActivate, t.rfc, 1},
      {L::kRank, kSame, C::kRefresh, C::kRefresh, t.rfc, 1},
      {L::kRank, kOther, C::kRead, C::kRead, burst + t.rtrs, 1},
      {L::kRank, kOther, C::kWrite, C::kWrite, burst + t.rtrs, 1},
      {L::kRank, kOther, C::kRead, C::kWrite, read + burst - write + t.rtrs, 1},
      {L::kRank, kOther, C::kWrite, C::kRead, write + burst + t.rtrs, 1}};
  if (d.has(C::kPrechargeAll)) {
    rules.insert(rules.end(),
                 {{L::kRank, kSame, C::kActivate, C::kPrechargeAll, t.ras, 1},
                  {L::kRank, kSame, C::kRead, C::kPrechargeAll, t.rtp, 1},
                  {L::kRank, kSame, C::kWrite, C::kPrechargeAll, write + burst + t.wr, 1},
                  {L::kRank, kSame, C::kPrechargeAll, C::kActivate, t.rp, 1},
                  {L::kRank, kSame, C::kPrechargeAll, C::kRefresh, t.rp, 1}});
  }
  return rules;
}

std::vector<DramDevice> sample_devices() {
  return {four_channels(), column_bus(), two_ranks(), interleaved_groups(), bank_refresh()};
}

std::vector<std::string> device_files() {
  std::vector<std::string> files;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(MXSIM_ROOT "/configs/dram")) {
    if (entry.path().extension() == ".json") files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

DramDevice with_drawn_hashes(DramDevice device, std::uint64_t seed) {
  const CounterRng rng(seed, device.name + " hashes");
  std::uint64_t draws = 0;
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(rng.bits(draws++) % n); };
  // Bits above the channel field, and low row bits among them.
  std::vector<AddressBit> above;
  std::vector<AddressBit> rows;
  std::array<int, kAddressFieldCount> top{};
  for (const AddressSlice& slice : device.address_map) {
    top[static_cast<std::size_t>(slice.field)] += slice.bits;
  }
  for (const AddressSlice& slice : device.address_map) {
    if (slice.field == F::kChannel && slice.bits > 0) break;
    int& end = top[static_cast<std::size_t>(slice.field)];
    for (int i = 0; i < slice.bits; ++i) {
      const AddressBit bit{slice.field, --end};
      if (bit.field != F::kRow || bit.bit < 6) above.push_back(bit);
      if (bit.field == F::kRow && bit.bit < 6) rows.push_back(bit);
    }
  }
  const auto hash = [&](std::int64_t units, const std::vector<AddressBit>& from) {
    AddressHash bits(static_cast<std::size_t>(std::countr_zero(static_cast<std::uint64_t>(units))));
    for (std::vector<AddressBit>& folded : bits) {
      for (std::size_t i = below(4); i-- > 0 && !from.empty();) {
        const AddressBit bit = from[below(from.size())];
        if (std::find(folded.begin(), folded.end(), bit) == folded.end()) folded.push_back(bit);
      }
    }
    return bits;
  };
  device.channel_hash = hash(device.organisation.channels, above);
  device.bank_hash = hash(device.organisation.count(L::kBank), rows);
  return device;
}

std::vector<DramDevice> device_variants() {
  std::vector<DramDevice> variants;
  for (const std::string& file : device_files()) {
    const auto add = [&](const std::string& what, const std::vector<Override>& overrides) {
      variants.push_back(load_dram_device(file, overrides));
      variants.back().name += ", " + what;
    };
    const DramDevice device = load_dram_device(file);
    if (device.ideal) continue;
    std::vector<Override> all{{"/page_policy", "timeout"}, {"/page_timeout", "\"90\""}};
    if (device.page_policy == PagePolicy::kOpen) add("timeout", all);
    if (device.has(C::kRefreshBank)) {
      add("refresh by bank", {{"/refresh/mode", "per_bank"}});
      all.push_back({"/refresh/mode", "per_bank"});
    }
    if (device.has(C::kPowerDown)) {
      add("power-down", {{"/power_down/mode", "idle"}});
      all.insert(all.end(), {{"/power_down/mode", "idle"}, {"/power_down/idle", "\"40\""}});
    }
    if (all.size() > 2) add("everything", all);
    variants.push_back(with_drawn_hashes(device, 1));
    variants.back().name += ", hashes";
  }
  return variants;
}

std::vector<DramDevice> all_devices() {
  std::vector<DramDevice> devices = sample_devices();
  for (const std::string& file : device_files()) {
    DramDevice device = load_dram_device(file);
    if (!device.ideal) devices.push_back(std::move(device));
  }
  return devices;
}

DramDevice with_ranks(DramDevice device, std::int64_t ranks, RankPlace place) {
  std::vector<AddressSlice>& map = device.address_map;
  std::erase_if(map, [](const AddressSlice& slice) { return slice.field == F::kRank; });
  const auto banks = std::find_if(map.begin(), map.end(), [](const AddressSlice& slice) {
    return slice.field == F::kBank || slice.field == F::kBankGroup;
  });
  const auto at = place == RankPlace::kTop      ? map.begin()
                  : place == RankPlace::kBottom ? map.end()
                                                : banks;
  map.insert(at, {F::kRank, std::countr_zero(static_cast<std::uint64_t>(ranks))});
  device.organisation.ranks = ranks;
  constexpr std::array kNames{"on top", "above the banks", "at the bottom"};
  device.name +=
      ", " + std::to_string(ranks) + " ranks " + kNames.at(static_cast<std::size_t>(place));
  return device;
}

std::vector<DramDevice> ranked_devices() {
  std::vector<DramDevice> ranked;
  for (const std::string& file : device_files()) {
    const DramDevice device = load_dram_device(file);
    if (device.ideal) continue;
    ranked.push_back(with_ranks(device, 2, RankPlace::kTop));
    ranked.push_back(with_ranks(device, 2, RankPlace::kBottom));
    ranked.push_back(with_ranks(device, 4, RankPlace::kAboveBanks));
  }
  return ranked;
}

DramDevice without_column_rules(DramDevice device) {
  std::erase_if(device.rules, [](const TimingRule& rule) {
    return is_column(rule.preceding) && is_column(rule.following);
  });
  device.name += ", no column rules";
  return device;
}

bool dramsim3_plays(const DramDevice& device) {
  return device.refresh.mode != RefreshMode::kPerBank &&
         device.page_policy != PagePolicy::kTimeout &&
         device.power_down.mode == PowerDownMode::kNone;
}

DramDevice with_short_commands(DramDevice device) {
  for (CommandSpec& spec : device.commands) {
    spec.bus_cycles = std::min<std::int64_t>(1, spec.bus_cycles);
  }
  return device;
}

}  // namespace mxsim::testing
