#pragma once

#include <tlm_utils/peq_with_get.h>

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <systemc>
#include <tlm>
#include <vector>

#include "sim/dram/dram_model.h"

namespace mxsim {

/// A memory that is any TLM-2.0 target: runs become approximately-timed transactions of at most
/// `transaction_bytes`, aligned to that size, and a run is done when the last one has its response.
/// The target may answer in phases, at once or with annotated delays. Counts transactions and their
/// bytes as reads and writes; what the target does beyond them it does not tell.
class TlmDramPort : public sc_core::sc_module,
                    public DramModel,
                    public tlm::tlm_bw_transport_if<>,
                    private tlm::tlm_mm_interface {
 public:
  SC_HAS_PROCESS(TlmDramPort);
  TlmDramPort(const sc_core::sc_module_name& name, std::int64_t transaction_bytes);

  tlm::tlm_initiator_socket<> socket;

  void listen(std::uint32_t client, DramListener& listener) override;
  void submit(const DramRequest& request) override;
  EventCounts take_account(std::uint32_t account) override;
  EventCounts overhead() override { return {}; }
  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override;
  void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}

 private:
  struct Open {
    DramRequest request;
    std::int64_t unanswered = 0;
    bool all_sent = false;
  };
  using Key = std::pair<std::uint32_t, std::uint64_t>;  ///< client and request number

  void send_all();
  void send_piece(const Key& key, DramAccess access, std::int64_t base, std::int64_t bytes);
  void send(const Key& key, DramAccess access, std::int64_t address, std::int64_t bytes);
  /// Returns when the next request may begin.
  void begin_request(tlm::tlm_generic_payload& payload);
  void request_ended(tlm::tlm_generic_payload& payload, const sc_core::sc_time& delay);
  void respond(tlm::tlm_generic_payload& payload, const sc_core::sc_time& delay);
  void take_responses();
  void answered(tlm::tlm_generic_payload& payload);
  void finish_if_done(const Key& key);
  void free(tlm::tlm_generic_payload* payload) override;

  std::int64_t transaction_bytes_;
  std::map<std::uint32_t, DramListener*> listeners_;
  std::deque<Key> queue_;
  std::map<Key, Open> open_;
  std::map<tlm::tlm_generic_payload*, Key> in_flight_;
  std::vector<std::unique_ptr<tlm::tlm_generic_payload>> payloads_;
  std::vector<tlm::tlm_generic_payload*> free_;
  std::vector<unsigned char> data_;  ///< timing only: every transaction points here
  std::map<std::uint32_t, EventCounts> accounts_;
  tlm_utils::peq_with_get<tlm::tlm_generic_payload> responses_;
  tlm::tlm_generic_payload* awaiting_end_req_ = nullptr;
  sc_core::sc_time next_request_;  ///< not before
  sc_core::sc_event submitted_;
  sc_core::sc_event end_req_;
};

}  // namespace mxsim
