#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "models/dram/dram_device.h"
#include "sim/config/binder.h"

namespace mxsim {

enum class TimeUnit : std::uint8_t { kCycles, kPicoseconds };
enum class TimeRounding : std::uint8_t { kUp, kDown };

/// A named time. Picoseconds become cycles of the device's clock.
struct DramParameter {
  std::int64_t value = 0;
  TimeUnit unit = TimeUnit::kCycles;
  std::int64_t at_least_cycles = 0;
  TimeRounding rounding = TimeRounding::kUp;
  std::string source;
  bool guess = false;
};

struct DramCommandEntry {
  std::string name;
  std::int64_t bus_cycles = 1;
  CommandBus bus = CommandBus::kMain;
};

/// Stands for one rule for each pair of a preceding and a following command.
struct DramRuleEntry {
  DramLevel level = DramLevel::kBank;
  RuleScope scope = RuleScope::kSame;
  std::vector<std::string> preceding;
  std::vector<std::string> following;
  std::string cycles;
  std::int64_t window = 1;
};

struct DramLatency {
  std::string read;
  std::string write;
  std::string burst;
};

struct DramRefreshEntry {
  RefreshMode mode = RefreshMode::kNone;
  std::string interval;
  std::string bank_interval;
};

struct DramPowerDownEntry {
  PowerDownMode mode = PowerDownMode::kNone;
  std::string idle = "0";
};

enum class DramEnergyKind : std::uint8_t { kPerBit, kCurrents };

struct DramEnergyEntry {
  DramEnergyKind kind = DramEnergyKind::kPerBit;
  DramPerBit per_bit;
  DramCurrents currents;
  std::string act_to_act;
  std::string act_to_pre;
  std::string refresh;
  std::string bank_refresh = "0";
  std::string source;
  bool guess = false;
};

enum class DramKind : std::uint8_t { kTimed, kIdeal };

/// A device file (configs/dram/): the text form of a DramDevice, each value with its source.
struct DramFile {
  std::string name;
  DramKind kind = DramKind::kTimed;
  std::int64_t clock_hz = 1;
  std::string source;
  DramOrganisation organisation;
  IdealTiming ideal;
  std::map<std::string, DramParameter> parameters;
  std::vector<DramCommandEntry> commands;
  DramLatency latency;
  std::vector<DramRuleEntry> rules;
  DramRefreshEntry refresh;
  PagePolicy page_policy = PagePolicy::kOpen;
  std::string page_timeout = "0";
  DramPowerDownEntry power_down;
  std::vector<std::string> address_map;
  std::vector<std::string> channel_hash;
  std::vector<std::string> bank_hash;
  DramEnergyEntry energy;
};

void bind(Binder& b, DramOrganisation& s);
void bind(Binder& b, IdealTiming& s);
void bind(Binder& b, DramParameter& s);
void bind(Binder& b, DramCommandEntry& s);
void bind(Binder& b, DramRuleEntry& s);
void bind(Binder& b, DramLatency& s);
void bind(Binder& b, DramRefreshEntry& s);
void bind(Binder& b, DramPowerDownEntry& s);
void bind(Binder& b, DramEnergyEntry& s);
void bind(Binder& b, DramFile& s);

/// What to_device() and the device itself find wrong.
std::vector<Diagnostic> validate(const DramFile& file);

}  // namespace mxsim
