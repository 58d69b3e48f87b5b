#include "sim/dram/dram_tlm_target.h"

#include "models/core/error.h"

namespace mxsim {

DramTlmTarget::DramTlmTarget(const sc_core::sc_module_name& name, DramPort& port,
                             std::uint32_t client, std::int64_t capacity_bytes,
                             std::size_t outstanding)
    : sc_module(name),
      socket("socket"),
      port_(port),
      client_(client),
      capacity_bytes_(static_cast<std::uint64_t>(capacity_bytes)),
      outstanding_(outstanding),
      arrivals_("arrivals") {
  ensure(outstanding > 0, "a TLM target needs room for a transaction");
  port_.listen(client_, *this);
  socket.bind(*this);
  SC_METHOD(take_arrivals);
  sensitive << arrivals_.get_event();
  dont_initialize();
}

bool DramTlmTarget::valid(tlm::tlm_generic_payload& payload) const {
  const std::uint64_t length = payload.get_data_length();
  auto status = tlm::TLM_OK_RESPONSE;
  if (payload.get_command() == tlm::TLM_IGNORE_COMMAND) {
    status = tlm::TLM_COMMAND_ERROR_RESPONSE;
  } else if (payload.get_byte_enable_ptr() != nullptr) {
    status = tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
  } else if (length == 0 || payload.get_streaming_width() < length) {
    status = tlm::TLM_BURST_ERROR_RESPONSE;
  } else if (length > capacity_bytes_ || payload.get_address() > capacity_bytes_ - length) {
    status = tlm::TLM_ADDRESS_ERROR_RESPONSE;
  }
  payload.set_response_status(status);
  return status == tlm::TLM_OK_RESPONSE;
}

void DramTlmTarget::submit(tlm::tlm_generic_payload& payload, const Waiting& waiting) {
  const std::uint64_t id = next_id_++;
  active_[id] = waiting;
  const auto bytes = static_cast<std::int64_t>(payload.get_data_length());
  const auto base = static_cast<std::int64_t>(payload.get_address());
  port_.submit({id, client_, payload.is_read() ? DramAccess::kRead : DramAccess::kWrite,
                DramRun{base, bytes, bytes, 1}});
}

void DramTlmTarget::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  sc_core::wait(delay);
  delay = sc_core::SC_ZERO_TIME;
  if (!valid(payload)) return;
  while (active_.size() >= outstanding_) sc_core::wait(room_);
  sc_core::sc_event done;
  submit(payload, {nullptr, &done});
  sc_core::wait(done);
}

tlm::tlm_sync_enum DramTlmTarget::nb_transport_fw(tlm::tlm_generic_payload& payload,
                                                  tlm::tlm_phase& phase, sc_core::sc_time& delay) {
  if (phase != tlm::BEGIN_REQ) return tlm::TLM_COMPLETED;  // END_RESP of an ended transaction
  if (!valid(payload)) return tlm::TLM_COMPLETED;
  payload.acquire();
  if (delay > sc_core::SC_ZERO_TIME) {
    arrivals_.notify(payload, delay);
    return tlm::TLM_ACCEPTED;
  }
  if (active_.size() >= outstanding_) {
    blocked_.push_back(&payload);
    return tlm::TLM_ACCEPTED;
  }
  submit(payload, {&payload, nullptr});
  phase = tlm::END_REQ;
  return tlm::TLM_UPDATED;
}

void DramTlmTarget::dram_done(std::uint64_t id) {
  const auto found = active_.find(id);
  ensure(found != active_.end(), "a DRAM transaction ended twice");
  const Waiting waiting = found->second;
  active_.erase(found);
  if (waiting.done != nullptr) {
    waiting.done->notify(sc_core::SC_ZERO_TIME);
  } else {
    tlm::tlm_phase phase = tlm::BEGIN_RESP;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    socket->nb_transport_bw(*waiting.payload, phase, delay);
    waiting.payload->release();
  }
  admit_blocked();
  room_.notify(sc_core::SC_ZERO_TIME);
}

void DramTlmTarget::take_arrivals() {
  while (tlm::tlm_generic_payload* payload = arrivals_.get_next_transaction()) {
    blocked_.push_back(payload);
  }
  admit_blocked();
}

void DramTlmTarget::admit_blocked() {
  while (!blocked_.empty() && active_.size() < outstanding_) {
    tlm::tlm_generic_payload* payload = blocked_.front();
    blocked_.pop_front();
    submit(*payload, {payload, nullptr});
    tlm::tlm_phase phase = tlm::END_REQ;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    socket->nb_transport_bw(*payload, phase, delay);
  }
}

}  // namespace mxsim
