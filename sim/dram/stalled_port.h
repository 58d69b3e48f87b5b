#pragma once

#include <map>
#include <memory>
#include <systemc>
#include <utility>
#include <vector>

#include "sim/dram/dram_port.h"
#include "sim/kernel/clock_domain.h"
#include "sim/kernel/stall_source.h"

namespace mxsim {

/// A memory whose requests and answers are held up on the way.
class StalledPort : public sc_core::sc_module, public DramPort {
 public:
  SC_HAS_PROCESS(StalledPort);
  /// All outlive this.
  StalledPort(const sc_core::sc_module_name& name, DramPort& memory, const ClockDomain& clock,
              const StallSource& stalls);

  void listen(std::uint32_t client, DramListener& listener) override;
  void submit(const DramRequest& request) override;

 private:
  /// Ordered by time, client and number, whatever the order of arrival.
  struct Place {
    Cycles cycle;
    std::uint32_t client;
    std::uint64_t id;
    auto operator<=>(const Place&) const = default;
  };
  struct Client : DramListener {
    Client(StalledPort& owner, std::uint32_t id, DramListener& told)
        : port(owner), number(id), listener(told) {}
    void dram_done(std::uint64_t id) override;

    StalledPort& port;
    std::uint32_t number;
    DramListener& listener;
  };

  Place place(Channel channel, std::uint32_t client, std::uint64_t id) const;
  void deliver();
  void arm();

  DramPort& memory_;
  const ClockDomain& clock_;
  const StallSource& stalls_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::map<Place, DramRequest> requests_;
  std::map<Place, DramListener*> answers_;
  sc_core::sc_event due_;
};

}  // namespace mxsim
