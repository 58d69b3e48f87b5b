#include "models/dram/timing_checker.h"

#include <algorithm>
#include <bit>

namespace mxsim {
namespace {

/// Before every legal time: no command has been issued.
constexpr std::int64_t kNever = -1'000'000'000'000;

int log2_of(std::int64_t power_of_two) {
  return std::countr_zero(static_cast<std::uint64_t>(power_of_two));
}

constexpr std::array kColumnCommands{DramCommand::kRead, DramCommand::kWrite,
                                     DramCommand::kReadAuto, DramCommand::kWriteAuto};

bool has_rule(const DramDevice& device, const TimingRule& least) {
  return std::any_of(device.rules.begin(), device.rules.end(), [&](const TimingRule& rule) {
    return rule.level == least.level && rule.scope == least.scope && rule.window == 1 &&
           rule.preceding == least.preceding && rule.following == least.following &&
           rule.cycles >= least.cycles;
  });
}

/// The device's rules keep the distance of `rule` between all commands to one node of its level.
bool implied(const DramDevice& device, TimingRule rule) {
  const bool whole =
      rule.level == DramLevel::kPseudoChannel && device.organisation.pseudo_channels == 1;
  if (whole && has_rule(device, {DramLevel::kChannel, RuleScope::kSame, rule.preceding,
                                 rule.following, rule.cycles, 1})) {
    return true;
  }
  rule.scope = RuleScope::kSame;
  if (has_rule(device, rule)) return true;
  if (rule.level == DramLevel::kBank) return false;
  const DramLevel level = rule.level;
  rule.level = static_cast<DramLevel>(index(level) + 1);
  rule.scope = RuleScope::kOther;
  const bool alone = device.organisation.count(rule.level) == device.organisation.count(level);
  return (alone || has_rule(device, rule)) && implied(device, rule);
}

/// A rule of an outer level keeps the same distance.
bool outer_implies(const DramDevice& device, TimingRule rule) {
  if (rule.window > 1 || rule.scope == RuleScope::kOther) return false;
  while (rule.level != DramLevel::kChannel) {
    rule.level = static_cast<DramLevel>(index(rule.level) - 1);
    if (has_rule(device, rule)) return true;
  }
  return false;
}

/// The distances that the data buses keep, as far as the device's rules do not imply them.
std::vector<TimingRule> data_bus_rules(const DramDevice& device) {
  std::vector<TimingRule> rules;
  for (DramCommand preceding : kColumnCommands) {
    for (DramCommand following : kColumnCommands) {
      const TimingRule rule{DramLevel::kPseudoChannel,
                            RuleScope::kSame,
                            preceding,
                            following,
                            device.data_bus_gap_cycles(preceding, following),
                            1};
      const bool used = device.has(preceding) && device.has(following) && rule.cycles > 0;
      if (used && !implied(device, rule)) rules.push_back(rule);
    }
  }
  return rules;
}

}  // namespace

TimingChecker::TimingChecker(const DramDevice& device) : commands_(device.commands) {
  const DramOrganisation& organisation = device.organisation;
  const int bank_bits = log2_of(organisation.count(DramLevel::kBank));
  std::size_t nodes = 0;
  int parent_shift = bank_bits;
  for (std::size_t i = 0; i < kDramLevelCount; ++i) {
    const std::int64_t count = organisation.count(static_cast<DramLevel>(i));
    const int shift = bank_bits - log2_of(count);
    levels_[i] = {shift, parent_shift, nodes, false};
    parent_shift = shift;
    nodes += static_cast<std::size_t>(count);
  }
  ready_.assign(nodes * kDramCommandCount, 0);
  for (const TimingRule& rule : device.rules) {
    if (!outer_implies(device, rule)) add(rule, organisation);
  }
  for (const TimingRule& rule : data_bus_rules(device)) add(rule, organisation);
  std::sort(decided_.begin(), decided_.end());
  decided_.erase(std::unique(decided_.begin(), decided_.end()), decided_.end());
}

void TimingChecker::add(const TimingRule& rule, const DramOrganisation& organisation) {
  const auto level = index(rule.level);
  const Level& nodes = levels_[level];
  if (rule.scope == RuleScope::kOther && nodes.shift == nodes.parent_shift) return;
  levels_[level].constrained = true;
  reach_ = std::max(reach_, rule.cycles);
  const auto decides = [&](std::size_t first, std::int64_t times) {
    for (std::int64_t node = 0; node < organisation.count(rule.level); ++node) {
      decided_.push_back({first, static_cast<int>(node << nodes.shift), nodes.shift, times});
    }
  };
  decides(place_of(nodes.offset, rule.following), 0);
  std::size_t history = 0;
  if (rule.window > 1) {
    history = history_.size();
    history_.resize(
        history + static_cast<std::size_t>(organisation.count(rule.level) * rule.window), kNever);
    decides(history, rule.window);
  }
  rules_[index(rule.preceding)].push_back(
      {rule.scope, nodes.shift, nodes.parent_shift - nodes.shift, rule.cycles, rule.window,
       place_of(nodes.offset, rule.following), history});
}

std::int64_t TimingChecker::earliest_time(DramCommand command, int bank) const {
  return time_between(0, kDramLevelCount, command, bank);
}

void TimingChecker::issue(DramCommand command, int bank, std::int64_t start) {
  const CommandSpec& spec = commands_[index(command)];
  const std::int64_t time = start + spec.bus_cycles - 1;
  bus_free_[static_cast<std::size_t>(spec.bus)] = time + 1;
  for (const Rule& rule : rules_[index(command)]) apply(rule, bank, time);
}

void TimingChecker::issue_train(DramCommand command, int bank, std::int64_t start, std::int64_t gap,
                                std::int64_t count) {
  std::int64_t longest = 1;
  for (const Rule& rule : rules_[index(command)]) longest = std::max(longest, rule.window);
  for (std::int64_t i = std::max<std::int64_t>(0, count - longest); i < count; ++i) {
    issue(command, bank, start + i * gap);
  }
}

void TimingChecker::shift(std::int64_t cycles) {
  for (std::int64_t& time : ready_) time += cycles;
  for (std::int64_t& time : history_) time += cycles;
  for (std::int64_t& time : bus_free_) time += cycles;
}

template <class Checker, class Visit>
void TimingChecker::visit_times(Checker& checker, std::span<const int> order, Visit visit) {
  for (const Decided& each : checker.decided_) {
    const auto node =
        static_cast<std::size_t>(order[static_cast<std::size_t>(each.bank)] >> each.shift);
    if (each.times == 0) {
      visit(checker.ready_[each.first + node * kDramCommandCount], 0);
      continue;
    }
    const std::size_t times = static_cast<std::size_t>(each.times);
    for (std::size_t i = 0; i < times; ++i) {
      visit(checker.history_[each.first + node * times + i], checker.reach_);
    }
  }
  for (auto& time : checker.bus_free_) visit(time, 0);
}

void TimingChecker::append_state(std::int64_t now, std::span<const int> order,
                                 std::vector<std::int32_t>& state) const {
  const std::size_t begin = state.size();
  state.resize(begin + decided_.size() + history_.size() + bus_free_.size());
  std::int32_t* next = state.data() + begin;
  visit_times(*this, order, [&](std::int64_t time, std::int64_t reach) {
    *next++ = static_cast<std::int32_t>(std::max(time - now, -reach));
  });
  state.resize(static_cast<std::size_t>(next - state.data()));
}

const std::int32_t* TimingChecker::restore_state(std::int64_t now, std::span<const int> order,
                                                 const std::int32_t* state) {
  visit_times(*this, order, [&](std::int64_t& time, std::int64_t) { time = now + *state++; });
  return state;
}

void TimingChecker::apply(const Rule& rule, int bank, std::int64_t time) {
  if (rule.window > 1) return apply_window(rule, bank, time);
  if (rule.scope == RuleScope::kOther) return apply_to_others(rule, bank, time);
  std::int64_t& earliest = ready(rule, bank >> rule.shift);
  earliest = std::max(earliest, time + rule.cycles);
}

void TimingChecker::apply_to_others(const Rule& rule, int bank, std::int64_t time) {
  const int own = bank >> rule.shift;
  const int first = (own >> rule.siblings_shift) << rule.siblings_shift;
  for (int node = first; node < first + (1 << rule.siblings_shift); ++node) {
    if (node == own) continue;
    std::int64_t& earliest = ready(rule, node);
    earliest = std::max(earliest, time + rule.cycles);
  }
}

void TimingChecker::apply_window(const Rule& rule, int bank, std::int64_t time) {
  const int node = bank >> rule.shift;
  const auto first =
      history_.begin() + static_cast<std::ptrdiff_t>(rule.history) + node * rule.window;
  std::move_backward(first, first + rule.window - 1, first + rule.window);
  *first = time;
  std::int64_t& earliest = ready(rule, node);
  earliest = std::max(earliest, *(first + rule.window - 1) + rule.cycles);
}

}  // namespace mxsim
