#include "tests/support/dram_power_meter.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace mxsim::testing {
namespace {

/// A rank's open banks and power as commands change them.
struct RankState {
  std::set<int> open;
  bool down = false;
  std::int64_t since = 0;

  void apply(const CommandRecord& command) {
    switch (command.command) {
      case DramCommand::kActivate:
        open.insert(command.bank);
        break;
      case DramCommand::kPrechargeAll:
        open.clear();
        break;
      case DramCommand::kPrecharge:
      case DramCommand::kReadAuto:
      case DramCommand::kWriteAuto:
        open.erase(command.bank);
        break;
      case DramCommand::kPowerDown:
      case DramCommand::kPowerUp:
        down = command.command == DramCommand::kPowerDown;
        break;
      default:
        break;
    }
  }
};

}  // namespace

DramPowerMeter::Power DramPowerMeter::power() const {
  const DramOrganisation& o = device_.organisation;
  if (const auto* bit = std::get_if<DramPerBit>(&device_.energy)) {
    const double ranks = static_cast<double>(o.channels * o.pseudo_channels * o.ranks);
    const double up = bit->background_mw / ranks;
    const double down = bit->power_down_mw > 0 ? bit->power_down_mw / ranks : up;
    return {up, up, down, down};
  }
  const auto& idd = std::get<DramCurrents>(device_.energy);
  const double volts = idd.vdd_v * idd.devices_per_rank;
  return {volts * idd.idd3n_ma, volts * idd.idd2n_ma,
          volts * (idd.idd3p_ma > 0 ? idd.idd3p_ma : idd.idd3n_ma),
          volts * (idd.idd2p_ma > 0 ? idd.idd2p_ma : idd.idd2n_ma)};
}

double DramPowerMeter::background_pj(std::int64_t first, std::int64_t end) const {
  const DramOrganisation& o = device_.organisation;
  const Power power = this->power();
  const auto banks = static_cast<int>(o.bank_groups * o.banks);
  std::map<std::pair<int, int>, RankState> ranks;
  for (int channel = 0; channel < o.channels; ++channel) {
    for (int rank = 0; rank < o.pseudo_channels * o.ranks; ++rank) ranks[{channel, rank}];
  }
  double mw_cycles = 0;
  const auto integrate = [&](RankState& rank, std::int64_t cycle) {
    const std::int64_t from = std::clamp(rank.since, first, end);
    const std::int64_t to = std::clamp(cycle, first, end);
    const double up = rank.open.empty() ? power.closed : power.open;
    const double down = rank.open.empty() ? power.closed_down : power.open_down;
    mw_cycles += static_cast<double>(to - from) * (rank.down ? down : up);
    rank.since = cycle;
  };
  std::vector<CommandRecord> log = log_;
  std::stable_sort(log.begin(), log.end(),
                   [](const auto& a, const auto& b) { return a.cycle < b.cycle; });
  for (const CommandRecord& command : log) {
    RankState& rank = ranks.at({command.channel, command.bank / banks});
    integrate(rank, command.cycle);
    rank.apply(command);
  }
  for (auto& [place, rank] : ranks) integrate(rank, end);
  return mw_cycles * 1e9 / static_cast<double>(device_.clock_hz);
}

ReplayEnergy DramPowerMeter::energy(std::int64_t first, std::int64_t end) const {
  std::map<DramCommand, double> n;
  for (const CommandRecord& command : log_) {
    const std::int64_t begin = command.cycle - device_.command(command.command).bus_cycles + 1;
    if (begin >= first && begin < end) ++n[command.command];
  }
  const double acts = n[DramCommand::kActivate];
  const double reads = n[DramCommand::kRead] + n[DramCommand::kReadAuto];
  const double writes = n[DramCommand::kWrite] + n[DramCommand::kWriteAuto];
  ReplayEnergy energy;
  energy.background_pj = background_pj(first, end);
  if (const auto* bit = std::get_if<DramPerBit>(&device_.energy)) {
    const double burst_pj = static_cast<double>(8 * device_.organisation.burst_bytes) *
                            (bit->activate_pj + bit->array_pj + bit->io_pj);
    energy.read_pj = reads * burst_pj;
    energy.write_pj = writes * burst_pj;
    return energy;
  }
  const auto& idd = std::get<DramCurrents>(device_.energy);
  const double pj = idd.vdd_v * idd.devices_per_rank * 1e9 / static_cast<double>(device_.clock_hz);
  const auto burst = static_cast<double>(device_.burst_cycles);
  energy.activate_pj =
      acts * pj *
      ((idd.idd0_ma - idd.idd3n_ma) * idd.act_to_pre_cycles +
       (idd.idd0_ma - idd.idd2n_ma) * (idd.act_to_act_cycles - idd.act_to_pre_cycles));
  energy.read_pj = reads * pj * (idd.idd4r_ma - idd.idd3n_ma) * burst;
  energy.write_pj = writes * pj * (idd.idd4w_ma - idd.idd3n_ma) * burst;
  energy.refresh_pj =
      pj *
      (n[DramCommand::kRefresh] * (idd.idd5b_ma - idd.idd3n_ma) * idd.refresh_cycles +
       n[DramCommand::kRefreshBank] * (idd.idd5pb_ma - idd.idd3n_ma) * idd.bank_refresh_cycles);
  return energy;
}

}  // namespace mxsim::testing
