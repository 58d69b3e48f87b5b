#include "models/memory/port_share.h"

#include <algorithm>

#include "models/core/error.h"
#include "models/core/shape.h"

namespace mxsim {
namespace {

constexpr Cycles kNever{INT64_MAX};

}  // namespace

PortShare::Rates PortShare::rates() const {
  Rates rates{};
  std::int64_t free = capacity_;
  for (std::size_t i = 0; i < kClients; ++i) {
    if (flows_[i].left == 0) continue;
    rates[i] = std::min(flows_[i].wanted, free);
    free -= rates[i];
  }
  return rates;
}

void PortShare::step(Cycles until) {
  const Rates rate = rates();
  std::int64_t cycles = (until - now_).count();
  for (std::size_t i = 0; i < kClients; ++i) {
    if (rate[i] > 0) cycles = std::min(cycles, ceil_div(flows_[i].left, rate[i]));
  }
  now_ += Cycles(cycles);
  for (std::size_t i = 0; i < kClients; ++i) {
    if (rate[i] == 0) continue;
    // Only in the cycle in which it is done may a flow move less than its rate.
    const bool done = ceil_div(flows_[i].left, rate[i]) == cycles;
    flows_[i].left = done ? 0 : flows_[i].left - rate[i] * cycles;
    if (done) flows_[i].met = now_;
  }
}

void PortShare::begin(std::size_t client, Cycles now, std::int64_t words, Cycles over) {
  ensure(now >= now_, "a buffer's ports are asked for the past");
  while (now_ < now) step(now);
  ensure(flows_.at(client).left == 0, "a unit uses a buffer's ports for two commands at once");
  go_on(client, now, words, over);
}

void PortShare::go_on(std::size_t client, Cycles now, std::int64_t words, Cycles over) {
  ensure(now >= now_, "a buffer's ports are asked for the past");
  ensure(words >= 0 && over >= Cycles(1), "a demand for ports without a rate");
  while (now_ < now) step(now);
  Flow& flow = flows_.at(client);
  const std::int64_t left = flow.left + exact_mul(words, kUnit);
  flow = {ceil_div(left, over.count()), left, now};
}

Cycles PortShare::met(std::size_t client) const {
  PortShare ahead = *this;
  const Flow& flow = ahead.flows_.at(client);
  while (flow.left > 0) ahead.step(kNever);
  return flow.met;
}

}  // namespace mxsim
