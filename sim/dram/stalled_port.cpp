#include "sim/dram/stalled_port.h"

#include <algorithm>

namespace mxsim {

StalledPort::StalledPort(const sc_core::sc_module_name& name, DramPort& memory,
                         const ClockDomain& clock, const StallSource& stalls)
    : sc_module(name), memory_(memory), clock_(clock), stalls_(stalls) {
  SC_METHOD(deliver);
  sensitive << due_;
  dont_initialize();
}

StalledPort::Place StalledPort::place(Channel channel, std::uint32_t client,
                                      std::uint64_t id) const {
  const Unit unit =
      client == static_cast<std::uint32_t>(DramAccess::kRead) ? Unit::kDmaRead : Unit::kDmaWrite;
  const Cycles now = clock_.first_cycle_from(sc_core::sc_time_stamp());
  return {now + stalls_.stall(channel, unit, id), client, id};
}

void StalledPort::listen(std::uint32_t client, DramListener& listener) {
  clients_.push_back(std::make_unique<Client>(*this, client, listener));
  memory_.listen(client, *clients_.back());
}

void StalledPort::submit(const DramRequest& request) {
  requests_.emplace(place(Channel::kDramRequest, request.client, request.id), request);
  arm();
}

void StalledPort::Client::dram_done(std::uint64_t id) {
  port.answers_.emplace(port.place(Channel::kDramData, number, id), &listener);
  port.arm();
}

void StalledPort::arm() {
  Cycles next(INT64_MAX);
  if (!requests_.empty()) next = requests_.begin()->first.cycle;
  if (!answers_.empty()) next = std::min(next, answers_.begin()->first.cycle);
  if (next < Cycles(INT64_MAX)) due_.notify(clock_.until(next));
}

void StalledPort::deliver() {
  const Cycles now = clock_.now();
  while (!requests_.empty() && requests_.begin()->first.cycle <= now) {
    const DramRequest request = requests_.begin()->second;
    requests_.erase(requests_.begin());
    memory_.submit(request);
  }
  while (!answers_.empty() && answers_.begin()->first.cycle <= now) {
    const auto [place, listener] = *answers_.begin();
    answers_.erase(answers_.begin());
    listener->dram_done(place.id);
  }
  arm();
}

}  // namespace mxsim
