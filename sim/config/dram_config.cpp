#include "sim/config/dram_config.h"

#include "sim/config/choices.h"

namespace mxsim {
namespace {

constexpr Presence kRequired = Presence::kRequired;
constexpr IntegerRange kUnits{1, 4096};
constexpr IntegerRange kSizes{1, std::int64_t{1} << 32};

constexpr std::array<Choice<DramKind>, 2> kKindNames{
    {{"timed", DramKind::kTimed}, {"ideal", DramKind::kIdeal}}};
constexpr std::array<Choice<TimeUnit>, 2> kTimeUnitNames{
    {{"cycles", TimeUnit::kCycles}, {"ps", TimeUnit::kPicoseconds}}};
constexpr std::array<Choice<TimeRounding>, 2> kRoundingNames{
    {{"up", TimeRounding::kUp}, {"down", TimeRounding::kDown}}};
constexpr std::array<Choice<CommandBus>, 3> kBusNames{{{"main", CommandBus::kMain},
                                                       {"column", CommandBus::kColumn},
                                                       {"enable", CommandBus::kEnable}}};
constexpr std::array<Choice<DramLevel>, 5> kLevelNames{
    {{"channel", DramLevel::kChannel},
     {"pseudo_channel", DramLevel::kPseudoChannel},
     {"rank", DramLevel::kRank},
     {"bank_group", DramLevel::kBankGroup},
     {"bank", DramLevel::kBank}}};
constexpr std::array<Choice<RuleScope>, 2> kScopeNames{
    {{"same", RuleScope::kSame}, {"other", RuleScope::kOther}}};
constexpr std::array<Choice<RefreshMode>, 3> kRefreshNames{{{"none", RefreshMode::kNone},
                                                            {"all_bank", RefreshMode::kAllBank},
                                                            {"per_bank", RefreshMode::kPerBank}}};
constexpr std::array<Choice<PagePolicy>, 3> kPagePolicyNames{{{"open", PagePolicy::kOpen},
                                                              {"closed", PagePolicy::kClosed},
                                                              {"timeout", PagePolicy::kTimeout}}};
constexpr std::array<Choice<PowerDownMode>, 2> kPowerDownNames{
    {{"none", PowerDownMode::kNone}, {"idle", PowerDownMode::kIdle}}};
constexpr std::array<Choice<DramEnergyKind>, 2> kEnergyNames{
    {{"per_bit", DramEnergyKind::kPerBit}, {"currents", DramEnergyKind::kCurrents}}};

std::vector<std::string> command_names() {
  return {kDramCommandNames.begin(), kDramCommandNames.end()};
}

}  // namespace

void bind(Binder& b, DramOrganisation& s) {
  b.integer({"channels", "", "channels", kRequired}, s.channels, kUnits);
  b.integer({"pseudo_channels", "", "pseudo-channels of a channel: own data, shared commands"},
            s.pseudo_channels, kUnits);
  b.integer({"ranks", "", "ranks of a (pseudo-)channel"}, s.ranks, kUnits);
  b.integer({"bank_groups", "", "bank groups of a rank"}, s.bank_groups, kUnits);
  b.integer({"banks", "", "banks of a bank group", kRequired}, s.banks, kUnits);
  b.integer({"rows", "", "rows of a bank", kRequired}, s.rows, kSizes);
  b.integer({"bursts", "bursts", "column accesses that one row holds", kRequired}, s.bursts,
            kSizes);
  b.integer({"burst_bytes", "bytes", "bytes of one column access", kRequired}, s.burst_bytes,
            {1, 4096});
}

void bind(Binder& b, DramParameter& s) {
  b.integer({"value", "unit", "the time", kRequired}, s.value, {0, 1'000'000'000'000});
  b.choice({"unit", "", "cycles of the command clock, or picoseconds"}, s.unit, kTimeUnitNames);
  b.integer({"at_least_cycles", "cycles", "lower limit after conversion"}, s.at_least_cycles,
            {0, 1'000'000});
  b.choice({"rounding", "", "of picoseconds to cycles"}, s.rounding, kRoundingNames);
  b.text({"source", "", "where the value is stated", kRequired}, s.source);
  b.flag({"guess", "", "no source states the value; reports list it as an assumption"}, s.guess);
}

void bind(Binder& b, DramCommandEntry& s) {
  b.one_of({"name", "", "command", kRequired}, s.name, command_names());
  b.integer({"bus_cycles", "cycles", "time on the command bus"}, s.bus_cycles, {1, 64});
  b.choice({"bus", "", "command bus that carries it"}, s.bus, kBusNames);
}

void bind(Binder& b, DramRuleEntry& s) {
  constexpr IntegerRange kSome{1, kDramCommandCount};
  b.choice({"level", "", "unit within which the rule holds", kRequired}, s.level, kLevelNames);
  b.choice({"scope", "", "same: within one such unit; other: between two of them"}, s.scope,
           kScopeNames);
  b.texts({"preceding", "", "commands before", kRequired}, s.preceding, kSome);
  b.texts({"following", "", "commands after", kRequired}, s.following, kSome);
  b.text({"cycles", "", "least distance: a sum of parameters and numbers", kRequired}, s.cycles);
  b.integer({"window", "commands", "counts from the last but (window - 1) preceding command"},
            s.window, {1, 64});
}

void bind(Binder& b, DramLatency& s) {
  b.text({"read", "", "read command to first data: a sum of parameters", kRequired}, s.read);
  b.text({"write", "", "write command to first data", kRequired}, s.write);
  b.text({"burst", "", "data bus time of one column access", kRequired}, s.burst);
}

void bind(Binder& b, DramRefreshEntry& s) {
  b.choice({"mode", "", "ranks as a whole, bank by bank, or not at all", kRequired}, s.mode,
           kRefreshNames);
  if (s.mode != RefreshMode::kNone || b.describing()) {
    b.text({"interval", "", "time between two refreshes of a rank: a sum of parameters"},
           s.interval);
    b.text({"bank_interval", "",
            "time between two refreshes of a bank of a rank, when mode is per_bank; left out: "
            "interval"},
           s.bank_interval);
  }
}

void bind(Binder& b, DramPowerDownEntry& s) {
  b.choice({"mode", "", "idle: a rank with nothing to do powers down; none: never"}, s.mode,
           kPowerDownNames);
  b.text({"idle", "", "time from the rank's last command to power-down: a sum of parameters"},
         s.idle);
}

namespace {

/// Nothing that a device always draws has a default: 0 would be free.
void bind_currents(Binder& b, DramEnergyEntry& s) {
  const Presence needed = b.describing() ? Presence::kOptional : kRequired;
  DramCurrents& idd = s.currents;
  b.number({"vdd_v", "V", "supply voltage", needed}, idd.vdd_v);
  b.number({"idd0_ma", "mA", "activate and precharge, one bank", needed}, idd.idd0_ma);
  b.number({"idd2n_ma", "mA", "standby, all banks closed", needed}, idd.idd2n_ma);
  b.number({"idd3n_ma", "mA", "standby, a bank open", needed}, idd.idd3n_ma);
  b.number({"idd4r_ma", "mA", "burst read", needed}, idd.idd4r_ma);
  b.number({"idd4w_ma", "mA", "burst write", needed}, idd.idd4w_ma);
  b.number({"idd5b_ma", "mA", "burst refresh", needed}, idd.idd5b_ma);
  b.number({"idd5pb_ma", "mA", "refresh of one bank"}, idd.idd5pb_ma);
  b.number({"idd2p_ma", "mA", "power-down, all banks closed; 0: as idd2n_ma"}, idd.idd2p_ma);
  b.number({"idd3p_ma", "mA", "power-down, a bank open; 0: as idd3n_ma"}, idd.idd3p_ma);
  b.number({"devices_per_rank", "", "chips that share a rank's commands"}, idd.devices_per_rank);
  b.text({"act_to_act", "", "time over which IDD0 holds: a sum of parameters", needed},
         s.act_to_act);
  b.text({"act_to_pre", "", "part of it with the row open", needed}, s.act_to_pre);
  b.text({"refresh", "", "time over which IDD5B holds", needed}, s.refresh);
  b.text({"bank_refresh", "", "time over which IDD5PB holds"}, s.bank_refresh);
}

}  // namespace

void bind(Binder& b, DramEnergyEntry& s) {
  b.choice({"kind", "", "prices by moved bit or by supply current", kRequired}, s.kind,
           kEnergyNames);
  if (s.kind == DramEnergyKind::kPerBit || b.describing()) {
    b.number({"activate_pj_per_bit", "pJ/bit", "row activation"}, s.per_bit.activate_pj);
    b.number({"array_pj_per_bit", "pJ/bit", "movement inside the device"}, s.per_bit.array_pj);
    b.number({"io_pj_per_bit", "pJ/bit", "interface"}, s.per_bit.io_pj);
    b.number({"background_mw", "mW",
              "standby power of the organisation's channels together; other numbers of channels "
              "draw in proportion"},
             s.per_bit.background_mw);
    b.number({"power_down_mw", "mW", "the same, powered down; 0: as background_mw"},
             s.per_bit.power_down_mw);
  }
  if (s.kind == DramEnergyKind::kCurrents || b.describing()) bind_currents(b, s);
  b.text({"source", "", "where the prices are stated", kRequired}, s.source);
  b.flag({"guess", "", "no source states them; reports list this as an assumption"}, s.guess);
}

void bind(Binder& b, IdealTiming& s) {
  b.integer({"bytes_per_cycle", "bytes/cycle",
             "what a channel moves in a cycle, at least 1; left out of a timed device that is made "
             "ideal with --set: as its data buses"},
            s.bytes_per_cycle, {0, 65536});
  b.integer({"latency_cycles", "cycles", "arrival of a request to its first data"},
            s.latency_cycles, {0, 10'000});
}

namespace {

void check_ideal_unused(Binder& b, DramFile& s) {
  if (s.kind != DramKind::kTimed || s.ideal == IdealTiming{}) return;
  if (b.outdated("ideal", "kind")) {
    s.ideal = {};
  } else {
    b.fault("ideal", "stands in a device whose kind is not ideal");
  }
}

void bind_timed(Binder& b, DramFile& s) {
  const Presence needed = b.describing() ? Presence::kOptional : kRequired;
  b.map({"parameters", "", "named times", needed}, s.parameters);
  b.list({"commands", "", "commands that the device has", needed}, s.commands,
         {1, kDramCommandCount});
  b.section({"latency", "", "commands to data", needed}, s.latency);
  b.list({"rules", "", "least distances between commands", needed}, s.rules, {1, 1000});
  b.section({"refresh", "", "refresh", needed}, s.refresh);
  b.choice({"page_policy", "",
            "open: rows stay open; closed: each access closes its row; timeout: a row that no "
            "request needs closes page_timeout after its last command"},
           s.page_policy, kPagePolicyNames);
  b.text({"page_timeout", "", "a sum of parameters"}, s.page_timeout);
  b.section({"power_down", "", "power-down of idle ranks"}, s.power_down);
}

}  // namespace

void bind(Binder& b, DramFile& s) {
  b.text({"name", "", "device and arrangement", kRequired}, s.name);
  b.choice({"kind", "",
            "timed: commands under timing rules; ideal: fixed bandwidth and latency, in order"},
           s.kind, kKindNames);
  b.integer({"clock_hz", "Hz", "command clock", kRequired}, s.clock_hz,
            {1'000'000, 100'000'000'000});
  b.text({"source", "", "where organisation and commands are stated", kRequired}, s.source);
  b.section({"organisation", "", "units of the device", kRequired}, s.organisation);
  b.section({"ideal", "", "times of an ideal device"}, s.ideal);
  if (s.kind == DramKind::kTimed || b.describing()) {
    check_ideal_unused(b, s);
    bind_timed(b, s);
  } else if (b.outdated("latency", "kind")) {
    b.map({"parameters", "", "named times"}, s.parameters);
    b.section({"latency", "", "commands to data"}, s.latency);
  }
  b.texts({"address_map", "",
           "\"field:bits\" from the most significant; fields channel, pseudo_channel, rank, "
           "bank_group, bank, row, column",
           kRequired},
          s.address_map, {1, 32});
  b.texts({"channel_hash", "",
           "by bit of the channel, lowest first: address bits above the channel field that are "
           "folded into it by XOR, as \"row:0 ^ row:2 ^ bank:1\"; with fewer channels its first "
           "entries hold"},
          s.channel_hash, {0, 16});
  b.texts({"bank_hash", "",
           "by bit of the bank's number in its channel (bank, then bank_group, rank, "
           "pseudo_channel), lowest first: row bits that are folded into it, as \"row:0 ^ row:3\""},
          s.bank_hash, {0, 16});
  b.section({"energy", "", "prices", kRequired}, s.energy);
}

}  // namespace mxsim
