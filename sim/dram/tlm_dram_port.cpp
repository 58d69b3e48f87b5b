#include "sim/dram/tlm_dram_port.h"

#include <algorithm>

#include "models/core/error.h"

namespace mxsim {

TlmDramPort::TlmDramPort(const sc_core::sc_module_name& name, std::int64_t transaction_bytes)
    : sc_module(name),
      socket("socket"),
      transaction_bytes_(transaction_bytes),
      data_(static_cast<std::size_t>(transaction_bytes)),
      responses_("responses") {
  socket.bind(*this);
  SC_THREAD(send_all);
  SC_METHOD(take_responses);
  sensitive << responses_.get_event();
  dont_initialize();
}

void TlmDramPort::listen(std::uint32_t client, DramListener& listener) {
  listeners_[client] = &listener;
}

void TlmDramPort::submit(const DramRequest& request) {
  const Key key{request.client, request.id};
  ensure(open_.emplace(key, Open{request}).second, "a DRAM request number is in use");
  queue_.push_back(key);
  submitted_.notify(sc_core::SC_ZERO_TIME);
}

void TlmDramPort::send_all() {
  while (true) {
    while (queue_.empty()) wait(submitted_);
    // Requests of one instant are sent by client, whoever called first.
    const auto next = std::min_element(queue_.begin(), queue_.end(),
                                       [](auto& a, auto& b) { return a.first < b.first; });
    const Key key = *next;
    queue_.erase(next);
    const DramRequest request = open_.at(key).request;
    for (std::int64_t row = 0; row < request.run.rows; ++row) {
      send_piece(key, request.access, request.run.base + row * request.run.stride,
                 request.run.row_bytes);
    }
    open_.at(key).all_sent = true;
    finish_if_done(key);
  }
}

void TlmDramPort::send_piece(const Key& key, DramAccess access, std::int64_t base,
                             std::int64_t bytes) {
  for (std::int64_t at = base; at < base + bytes;) {
    const std::int64_t border = (at / transaction_bytes_ + 1) * transaction_bytes_;
    const std::int64_t end = std::min(border, base + bytes);
    send(key, access, at, end - at);
    at = end;
  }
}

void TlmDramPort::send(const Key& key, DramAccess access, std::int64_t address,
                       std::int64_t bytes) {
  if (free_.empty()) {
    tlm::tlm_mm_interface* manager = this;
    payloads_.push_back(std::make_unique<tlm::tlm_generic_payload>(manager));
    free_.push_back(payloads_.back().get());
  }
  tlm::tlm_generic_payload* payload = free_.back();
  free_.pop_back();
  payload->acquire();
  payload->set_command(access == DramAccess::kRead ? tlm::TLM_READ_COMMAND
                                                   : tlm::TLM_WRITE_COMMAND);
  payload->set_address(static_cast<sc_dt::uint64>(address));
  payload->set_data_ptr(data_.data());
  payload->set_data_length(static_cast<unsigned>(bytes));
  payload->set_streaming_width(static_cast<unsigned>(bytes));
  payload->set_byte_enable_ptr(nullptr);
  payload->set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  in_flight_[payload] = key;
  Open& open = open_.at(key);
  ++open.unanswered;
  const bool read = access == DramAccess::kRead;
  EventCounts& counts = accounts_[open.request.account];
  counts.add(read ? Event::kDramReads : Event::kDramWrites, 1);
  counts.add(read ? Event::kDramReadBytes : Event::kDramWriteBytes,
             static_cast<std::uint64_t>(bytes));
  begin_request(*payload);
}

void TlmDramPort::begin_request(tlm::tlm_generic_payload& payload) {
  awaiting_end_req_ = &payload;
  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  const tlm::tlm_sync_enum status = socket->nb_transport_fw(payload, phase, delay);
  if (status != tlm::TLM_ACCEPTED) request_ended(payload, delay);
  if (status == tlm::TLM_COMPLETED || (status == tlm::TLM_UPDATED && phase == tlm::BEGIN_RESP)) {
    respond(payload, delay);
  }
  while (awaiting_end_req_ != nullptr) wait(end_req_);
  if (next_request_ > sc_core::sc_time_stamp()) wait(next_request_ - sc_core::sc_time_stamp());
}

void TlmDramPort::request_ended(tlm::tlm_generic_payload& payload, const sc_core::sc_time& delay) {
  if (awaiting_end_req_ != &payload) return;
  awaiting_end_req_ = nullptr;
  next_request_ = sc_core::sc_time_stamp() + delay;
  end_req_.notify(sc_core::SC_ZERO_TIME);
}

void TlmDramPort::respond(tlm::tlm_generic_payload& payload, const sc_core::sc_time& delay) {
  if (delay == sc_core::SC_ZERO_TIME) return answered(payload);
  responses_.notify(payload, delay);
}

void TlmDramPort::take_responses() {
  while (tlm::tlm_generic_payload* payload = responses_.get_next_transaction()) answered(*payload);
}

tlm::tlm_sync_enum TlmDramPort::nb_transport_bw(tlm::tlm_generic_payload& payload,
                                                tlm::tlm_phase& phase, sc_core::sc_time& delay) {
  request_ended(payload, delay);
  if (phase != tlm::BEGIN_RESP) return tlm::TLM_ACCEPTED;
  respond(payload, delay);
  phase = tlm::END_RESP;
  return tlm::TLM_COMPLETED;
}

void TlmDramPort::answered(tlm::tlm_generic_payload& payload) {
  ensure(payload.is_response_ok(), "the TLM memory refused a transaction");
  const auto found = in_flight_.find(&payload);
  ensure(found != in_flight_.end(), "a TLM transaction was answered twice");
  const Key key = found->second;
  in_flight_.erase(found);
  payload.release();
  --open_.at(key).unanswered;
  finish_if_done(key);
}

void TlmDramPort::finish_if_done(const Key& key) {
  const auto found = open_.find(key);
  if (found == open_.end() || !found->second.all_sent || found->second.unanswered > 0) return;
  open_.erase(found);
  listeners_.at(key.first)->dram_done(key.second);
}

EventCounts TlmDramPort::take_account(std::uint32_t account) {
  const auto node = accounts_.extract(account);
  return node.empty() ? EventCounts{} : node.mapped();
}

void TlmDramPort::free(tlm::tlm_generic_payload* payload) {
  payload->reset();
  free_.push_back(payload);
}

}  // namespace mxsim
