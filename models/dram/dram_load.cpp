#include "models/dram/dram_load.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "models/core/units.h"

namespace mxsim {
namespace {

constexpr std::int64_t kNoRow = -1;
/// Of a run that are looked at one by one.
constexpr std::int64_t kMostGranules = 512;

constexpr std::array kLevels{DramLevel::kChannel, DramLevel::kPseudoChannel, DramLevel::kRank,
                             DramLevel::kBankGroup, DramLevel::kBank};

/// From a bank's opening to the next one with no column command in between, those that come add
/// their distance each.
double reopening(const DramDevice& device, DramCommand read) {
  using C = DramCommand;
  const auto rule = [&](C preceding, C following) {
    double cycles = 0;
    for (const TimingRule& each : device.rules) {
      const bool own = each.scope == RuleScope::kSame && each.window == 1;
      if (!own || each.preceding != preceding || each.following != following) continue;
      cycles = std::max(cycles, static_cast<double>(each.cycles));
    }
    return cycles;
  };
  const double close = read == C::kReadAuto
                           ? rule(read, C::kActivate)
                           : rule(read, C::kPrecharge) + rule(C::kPrecharge, C::kActivate);
  return rule(C::kActivate, read) + close - static_cast<double>(device.self_gap_cycles(read));
}

/// Cycles of a node of the level that one of many such commands takes.
double pace(const DramDevice& device, DramLevel level, DramCommand command) {
  double cycles = 0;
  for (const TimingRule& rule : device.rules) {
    const bool own = rule.level == level && rule.scope == RuleScope::kSame;
    if (!own || rule.preceding != command || rule.following != command) continue;
    cycles = std::max(cycles, static_cast<double>(rule.cycles) / static_cast<double>(rule.window));
  }
  return cycles;
}

/// The first ones of many stand for all. Rows that they find closed are opened once; the second
/// half tells how many are opened later on.
class Sample {
 public:
  Sample(std::int64_t all, std::int64_t most)
      : size_(std::clamp<std::int64_t>(most, 1, all)), begun_(size_ < all ? size_ / 2 : size_) {
    weight_ = static_cast<double>(all) / static_cast<double>(size_);
    if (size_ > begun_) {
      later_ = static_cast<double>(all - begun_) / static_cast<double>(size_ - begun_);
    }
  }
  std::int64_t size() const { return size_; }
  double weight() const { return weight_; }
  double opening_weight(std::int64_t i) const { return i < begun_ ? 1 : later_; }

 private:
  std::int64_t size_;
  std::int64_t begun_;
  double weight_ = 1;
  double later_ = 1;
};

std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }

/// How long the row commands of an opening hold up column commands of this distance: those of
/// several cycles begin when their bank is ready, and not where they fit between two columns.
double held_up(const DramDevice& device, DramCommand read, double distance) {
  const CommandSpec& column = device.command(read);
  double row = 0;
  for (const DramCommand command : {DramCommand::kActivate, DramCommand::kPrecharge}) {
    const CommandSpec& spec = device.command(command);
    if (spec.bus == column.bus && spec.bus_cycles > 1) row += static_cast<double>(spec.bus_cycles);
  }
  return std::max(0.0, row - (distance - static_cast<double>(column.bus_cycles)));
}

}  // namespace

DramLoad::DramLoad(const DramDevice& device)
    : map_(device),
      granule_(map_.granule()),
      banks_(device.organisation.count(DramLevel::kBank)),
      open_rows_(at(banks_ * map_.channels()), kNoRow) {
  if (device.ideal) {
    meters_.push_back({banks_, static_cast<double>(device.organisation.burst_bytes) /
                                   static_cast<double>(device.ideal->bytes_per_cycle)});
  } else {
    add_meters(device);
  }
  for (Meter& meter : meters_) {
    meter.busy.assign(open_rows_.size() / at(meter.banks), 0);
    meter.bank_shift = std::countr_zero(static_cast<std::uint64_t>(meter.banks));
  }
}

/// Of an inner level only where it is slower than all outer ones.
void DramLoad::add_meters(const DramDevice& device) {
  const bool closes = device.page_policy == PagePolicy::kClosed;
  const DramCommand read = closes ? DramCommand::kReadAuto : DramCommand::kRead;
  double burst = 0;
  double opening = 0;
  for (const DramLevel level : kLevels) {
    const std::int64_t banks = device.organisation.banks_under(level);
    const bool bus = level == DramLevel::kPseudoChannel;
    const double column =
        std::max(pace(device, level, read), bus ? static_cast<double>(device.burst_cycles) : 0);
    if (column > burst) meters_.push_back({banks, burst = column, held_up(device, read, column)});
    const double row = pace(device, level, DramCommand::kActivate);
    if (row > opening) meters_.push_back({banks, 0, opening = row});
  }
  meters_.push_back({1, static_cast<double>(device.self_gap_cycles(read)),
                     std::max(0.0, reopening(device, read))});
  for (const CommandBus bus : {CommandBus::kMain, CommandBus::kColumn}) {
    const auto time = [&](DramCommand command) {
      const CommandSpec& spec = device.command(command);
      return spec.bus == bus ? static_cast<double>(spec.bus_cycles) : 0;
    };
    const double close = closes ? 0 : time(DramCommand::kPrecharge);
    meters_.push_back({banks_, time(read), time(DramCommand::kActivate) + close});
  }
}

void DramLoad::add_bursts(std::int64_t first, double bursts, double openings) {
  const std::int64_t stretch = first >> map_.stretch_bits();
  if (stretch != stretch_) {
    stretch_ = stretch;
    place_ = map_.decode(first);
  }
  const std::int64_t bank = map_.channel_of(first) * banks_ + place_.bank;
  const bool opens = std::exchange(open_rows_[at(bank)], place_.row) != place_.row;
  const double opened = opens ? openings : 0;
  for (Meter& meter : meters_) {
    meter.busy[at(bank >> meter.bank_shift)] += meter.burst * bursts + meter.opening * opened;
  }
}

void DramLoad::add(const DramRun& run) {
  const DramRun pieces = joined(run);
  const std::int64_t granules = ceil_div(pieces.row_bytes >> map_.burst_shift(), granule_) + 1;
  const Sample piece_sample(pieces.rows, kMostGranules / granules);
  for (std::int64_t piece = 0; piece < piece_sample.size(); ++piece) {
    const std::int64_t first = pieces.base + piece * pieces.stride;
    const std::int64_t begin = map_.burst_of(first);
    const std::int64_t end = map_.burst_of(first + pieces.row_bytes - 1) + 1;
    const std::int64_t before = begin / granule_;
    const Sample granule_sample(ceil_div(end, granule_) - before, kMostGranules);
    for (std::int64_t i = 0; i < granule_sample.size(); ++i) {
      const std::int64_t from = std::max(begin, (before + i) * granule_);
      const std::int64_t to = std::min(end, (before + i + 1) * granule_);
      add_bursts(from,
                 static_cast<double>(to - from) * piece_sample.weight() * granule_sample.weight(),
                 piece_sample.opening_weight(piece) * granule_sample.opening_weight(i));
    }
  }
}

double DramLoad::cycles(int channel) const {
  double busiest = 0;
  for (const Meter& meter : meters_) {
    const std::int64_t nodes = banks_ / meter.banks;
    const auto first = meter.busy.begin() + channel * nodes;
    busiest = std::max(busiest, *std::max_element(first, first + nodes));
  }
  return busiest;
}

double DramLoad::cycles() const {
  double busiest = 0;
  for (int channel = 0; channel < map_.channels(); ++channel) {
    busiest = std::max(busiest, cycles(channel));
  }
  return busiest;
}

void DramLoad::clear() {
  for (Meter& meter : meters_) std::fill(meter.busy.begin(), meter.busy.end(), 0.0);
}

}  // namespace mxsim
