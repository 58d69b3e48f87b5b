#pragma once

#include <map>
#include <memory>
#include <systemc>
#include <vector>

#include "models/dram/frfcfs_spec.h"
#include "sim/dram/burst_sink.h"
#include "sim/dram/dram_model.h"
#include "sim/dram/dram_stepping.h"
#include "sim/dram/run_channel.h"
#include "sim/kernel/clock_domain.h"

namespace mxsim {

/// Totals of a controller up to one cycle. Latencies run from submit to the end of the last data.
struct DramStats {
  Cycles total{0};
  Cycles busy{0};  ///< cycles with a request outstanding
  Cycles idle{0};
  std::int64_t read_requests = 0;
  std::int64_t write_requests = 0;
  Cycles read_latency_sum{0};
  Bytes read_payload{0};
  Bytes write_payload{0};
  Bytes read_moved{0};  ///< whole bursts
  Bytes write_moved{0};
  ChannelCounts channels;  ///< summed over channels
  bool operator==(const DramStats&) const = default;
};

/// Memory controller and DRAM device, in the device's own clock domain. Sleeps until a request can
/// have ended; what happens between is worked out by then, command by command or in trains.
class DramController : public sc_core::sc_module, public DramModel, private BurstSink {
 public:
  SC_HAS_PROCESS(DramController);
  DramController(const sc_core::sc_module_name& name, const DramDevice& device,
                 const FrfcfsSpec& spec = {}, DramStepping stepping = DramStepping::kRun);

  void listen(std::uint32_t client, DramListener& listener) override;
  void submit(const DramRequest& request) override;

  void log_to(CommandLog* log);
  const ClockDomain& clock() const { return clock_; }
  const DramDevice& device() const { return device_; }
  /// All that happened before the current time.
  DramStats stats();
  EventCounts counts();
  EventCounts take_account(std::uint32_t account) override;
  EventCounts overhead() override;

 private:
  /// What requests have caused.
  struct Account {
    ChannelCounts channels;
    Bytes read_moved{0};
    Bytes write_moved{0};
    EventCounts events() const;
  };
  struct Submitted {
    DramRequest request;
    std::int64_t arrival;
  };
  struct Active {
    DramRequest request;
    std::int64_t arrival = 0;
    std::int64_t bursts_left = 0;  ///< over all channels
    std::int64_t end_cycle = 0;    ///< so far
    std::int64_t bound = 0;        ///< cannot end before
    bool used = false;
    Account* account = nullptr;
  };

  void served(const ServedBursts& bursts) override;
  void caused(const CausedCommands& commands) override;
  void moved(std::int64_t) override {}
  void run();
  void accept_until(std::int64_t cycle);
  void accept(const Submitted& submitted);
  void advance_channels(std::int64_t until);
  void complete(std::int64_t cycle);
  void sleep();
  std::uint32_t free_slot();

  DramDevice device_;
  ClockDomain clock_;
  AddressMap map_;
  std::vector<std::unique_ptr<RunChannel>> channels_;
  std::map<std::uint32_t, DramListener*> listeners_;
  std::vector<Submitted> inbox_;
  std::vector<Active> active_;
  std::int64_t outstanding_ = 0;
  std::int64_t busy_since_ = 0;
  DramStats stats_;
  std::map<std::uint32_t, Account> accounts_;
  EventCounts taken_;  ///< from accounts
  sc_core::sc_event wake_;
};

}  // namespace mxsim
