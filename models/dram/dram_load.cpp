#include "models/dram/dram_load.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "models/core/units.h"

namespace mxsim {
namespace {

constexpr std::uint32_t kNoRow = UINT32_MAX;
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
      lookup_(device, map_),
      granule_bits_(std::countr_zero(static_cast<std::uint64_t>(map_.granule()))),
      banks_(device.organisation.count(DramLevel::kBank)),
      uses_(at(banks_ * map_.channels())),
      open_rows_(uses_.size(), kNoRow) {
  if (device.ideal) {
    meters_.push_back({banks_, static_cast<double>(device.organisation.burst_bytes) /
                                   static_cast<double>(device.ideal->bytes_per_cycle)});
  } else {
    add_meters(device);
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
  const BankLookup::Place place = lookup_.of(first);
  BankUse& use = uses_[place.bank];
  use.bursts += bursts;
  if (std::exchange(open_rows_[place.bank], place.row) != place.row) use.openings += openings;
}

void DramLoad::add_piece(std::int64_t first_byte, std::int64_t bytes, double pieces,
                         double openings) {
  const std::int64_t begin = map_.burst_of(first_byte);
  const std::int64_t end = map_.burst_of(first_byte + bytes - 1) + 1;
  const std::int64_t before = begin >> granule_bits_;
  const Sample sample(((end - 1) >> granule_bits_) + 1 - before, kMostGranules);
  sampled_ = sampled_ || sample.weight() > 1;
  const double weight = pieces * sample.weight();
  for (std::int64_t i = 0; i < sample.size(); ++i) {
    const std::int64_t from = std::max(begin, (before + i) << granule_bits_);
    const std::int64_t to = std::min(end, (before + i + 1) << granule_bits_);
    add_bursts(from, static_cast<double>(to - from) * weight, openings * sample.opening_weight(i));
  }
}

void DramLoad::add(const DramRun& run) {
  const DramRun pieces = joined(run);
  const std::int64_t bursts = pieces.row_bytes >> map_.burst_shift();
  const std::int64_t granules = ceil_div(bursts, map_.granule()) + 1;
  const Sample sample(pieces.rows, kMostGranules / granules);
  sampled_ = sampled_ || sample.weight() > 1;
  for (std::int64_t piece = 0; piece < sample.size(); ++piece) {
    add_piece(pieces.base + piece * pieces.stride, pieces.row_bytes, sample.weight(),
              sample.opening_weight(piece));
  }
}

double DramLoad::cycles(int channel) const {
  const auto first = uses_.begin() + channel * banks_;
  double busiest = 0;
  for (const Meter& meter : meters_) {
    for (auto node = first; node != first + banks_; node += meter.banks) {
      BankUse sum;
      for (auto bank = node; bank != node + meter.banks; ++bank) {
        sum.bursts += bank->bursts;
        sum.openings += bank->openings;
      }
      busiest = std::max(busiest, meter.burst * sum.bursts + meter.opening * sum.openings);
    }
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

std::optional<std::int64_t> DramLoad::bursts(int channel) const {
  if (sampled_) return std::nullopt;
  double bursts = 0;
  const auto first = uses_.begin() + channel * banks_;
  for (auto bank = first; bank != first + banks_; ++bank) bursts += bank->bursts;
  return static_cast<std::int64_t>(bursts);
}

void DramLoad::clear() {
  std::fill(uses_.begin(), uses_.end(), BankUse{});
  sampled_ = false;
}

void DramLoad::reset() {
  clear();
  std::fill(open_rows_.begin(), open_rows_.end(), kNoRow);
}

}  // namespace mxsim
