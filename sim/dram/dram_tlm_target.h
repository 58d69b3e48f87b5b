#pragma once

#include <tlm_utils/peq_with_get.h>

#include <cstdint>
#include <deque>
#include <map>
#include <systemc>
#include <tlm>

#include "sim/dram/dram_port.h"

namespace mxsim {

/// TLM-2.0 target socket in front of a DRAM port, blocking and approximately-timed. At most
/// `outstanding` transactions are in the port; a further BEGIN_REQ gets its END_REQ when one of
/// them has ended (back-pressure). Timing only: no data are stored, read data stay as they are.
class DramTlmTarget : public sc_core::sc_module,
                      public tlm::tlm_fw_transport_if<>,
                      private DramListener {
 public:
  SC_HAS_PROCESS(DramTlmTarget);
  DramTlmTarget(const sc_core::sc_module_name& name, DramPort& port, std::uint32_t client,
                std::int64_t capacity_bytes, std::size_t outstanding);

  tlm::tlm_target_socket<> socket;

  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) override;
  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override;
  bool get_direct_mem_ptr(tlm::tlm_generic_payload&, tlm::tlm_dmi&) override { return false; }
  unsigned transport_dbg(tlm::tlm_generic_payload&) override { return 0; }

 private:
  struct Waiting {
    tlm::tlm_generic_payload* payload = nullptr;  ///< approximately timed
    sc_core::sc_event* done = nullptr;            ///< blocking
  };

  void dram_done(std::uint64_t id) override;
  /// False, with the error noted in the payload, for what a DRAM cannot do.
  bool valid(tlm::tlm_generic_payload& payload) const;
  void submit(tlm::tlm_generic_payload& payload, const Waiting& waiting);
  void take_arrivals();
  void admit_blocked();

  DramPort& port_;
  std::uint32_t client_;
  std::uint64_t capacity_bytes_;
  std::size_t outstanding_;
  std::uint64_t next_id_ = 0;
  std::map<std::uint64_t, Waiting> active_;
  std::deque<tlm::tlm_generic_payload*> blocked_;               ///< without END_REQ yet
  tlm_utils::peq_with_get<tlm::tlm_generic_payload> arrivals_;  ///< begin later than their call
  sc_core::sc_event room_;
};

}  // namespace mxsim
