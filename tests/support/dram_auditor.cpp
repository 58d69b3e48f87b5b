#include "tests/support/dram_auditor.h"

#include <algorithm>

namespace mxsim::testing {

void DramAuditor::record(const CommandRecord& command) {
  ++commands_;
  Channel& channel = channels_[command.channel];
  std::int64_t reach = 1;
  for (const TimingRule& rule : device_.rules) reach = std::max(reach, rule.cycles);
  while (!channel.recent.empty() && channel.recent.front().cycle + reach < command.cycle) {
    channel.recent.pop_front();
  }
  check_rules(channel, command);
  check_buses(channel, command);
  check_rows(channel, command);
  channel.recent.push_back(command);
}

void DramAuditor::fault(const CommandRecord& c, const std::string& what) {
  faults_.push_back("cycle " + std::to_string(c.cycle) + " channel " + std::to_string(c.channel) +
                    " bank " + std::to_string(c.bank) + " " + std::string(to_string(c.command)) +
                    ": " + what);
}

int DramAuditor::node(int bank, DramLevel level) const {
  const DramOrganisation& o = device_.organisation;
  std::int64_t banks = 1;
  if (level <= DramLevel::kBankGroup) banks *= o.banks;
  if (level <= DramLevel::kRank) banks *= o.bank_groups;
  if (level <= DramLevel::kPseudoChannel) banks *= o.ranks;
  if (level <= DramLevel::kChannel) banks *= o.pseudo_channels;
  return static_cast<int>(bank / banks);
}

bool DramAuditor::related(const TimingRule& rule, int a, int b) const {
  const bool same = node(a, rule.level) == node(b, rule.level);
  if (rule.scope == RuleScope::kSame) return same;
  const auto above = static_cast<DramLevel>(index(rule.level) - 1);
  return !same && node(a, above) == node(b, above);
}

void DramAuditor::check_rules(const Channel& channel, const CommandRecord& command) {
  for (const TimingRule& rule : device_.rules) {
    if (rule.following != command.command) continue;
    std::int64_t seen = 0;
    for (auto past = channel.recent.rbegin(); past != channel.recent.rend(); ++past) {
      // Logs of two buses may be out of order by a command's length.
      if (command.cycle - past->cycle > rule.cycles + 64) break;
      if (past->command != rule.preceding || !related(rule, past->bank, command.bank)) continue;
      if (++seen < rule.window) continue;
      if (command.cycle - past->cycle < rule.cycles) {
        fault(command, std::to_string(command.cycle - past->cycle) + " cycles after " +
                           std::string(to_string(past->command)) + ", the rule says " +
                           std::to_string(rule.cycles));
      }
      if (rule.window > 1) break;
    }
  }
}

void DramAuditor::check_buses(Channel& channel, const CommandRecord& command) {
  const CommandSpec& spec = device_.commands[index(command.command)];
  const auto bus = channel.bus_end.find(spec.bus);
  if (bus != channel.bus_end.end() && command.cycle - spec.bus_cycles < bus->second) {
    fault(command, "the command bus is taken");
  }
  channel.bus_end[spec.bus] = command.cycle;
  const bool read =
      command.command == DramCommand::kRead || command.command == DramCommand::kReadAuto;
  const bool write =
      command.command == DramCommand::kWrite || command.command == DramCommand::kWriteAuto;
  if (!read && !write) return;
  const std::int64_t begin =
      command.cycle + (read ? device_.read_latency_cycles : device_.write_latency_cycles);
  const int lane = node(command.bank, DramLevel::kPseudoChannel);
  const auto data = channel.data_end.find(lane);
  if (data != channel.data_end.end() && begin < data->second) fault(command, "data bursts overlap");
  channel.data_end[lane] = begin + device_.burst_cycles;
}

void DramAuditor::check_rows(Channel& channel, const CommandRecord& command) {
  const auto open = channel.open.find(command.bank);
  const bool is_open = open != channel.open.end();
  const int rank = node(command.bank, DramLevel::kRank);
  const auto in_rank = [&](const auto& entry) {
    return node(entry.first, DramLevel::kRank) == rank;
  };
  if (channel.down.contains(rank) && command.command != DramCommand::kPowerUp) {
    fault(command, "the rank is powered down");
  }
  switch (command.command) {
    case DramCommand::kActivate:
      if (is_open) fault(command, "the bank is open");
      channel.open[command.bank] = command.row;
      break;
    case DramCommand::kPrecharge:
      if (!is_open) fault(command, "the bank is closed");
      channel.open.erase(command.bank);
      break;
    case DramCommand::kPrechargeAll:
      std::erase_if(channel.open, in_rank);
      break;
    case DramCommand::kRefresh:
      if (std::any_of(channel.open.begin(), channel.open.end(), in_rank)) {
        fault(command, "a bank of the rank is open");
      }
      ++refreshes_;
      break;
    case DramCommand::kRefreshBank:
      if (is_open) fault(command, "the bank is open");
      ++refreshes_;
      break;
    case DramCommand::kPowerDown:
      channel.down.insert(rank);
      break;
    case DramCommand::kPowerUp:
      if (channel.down.erase(rank) == 0) fault(command, "the rank is powered up");
      break;
    default:
      if (!is_open || open->second != command.row) fault(command, "its row is not open");
      if (command.command == DramCommand::kReadAuto || command.command == DramCommand::kWriteAuto) {
        channel.open.erase(command.bank);
      }
  }
}

}  // namespace mxsim::testing
