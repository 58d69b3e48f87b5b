#include <gtest/gtest.h>

#include <map>

#include "sim/dram/dram_controller.h"
#include "sim/dram/dram_tlm_target.h"
#include "sim/dram/tlm_dram_port.h"
#include "tests/support/dram_devices.h"

namespace mxsim {
namespace {

using testing::sample_devices;

/// A plain blocking TLM-2.0 initiator.
class PlainInitiator : public sc_core::sc_module, public tlm::tlm_bw_transport_if<> {
 public:
  SC_HAS_PROCESS(PlainInitiator);
  explicit PlainInitiator(const sc_core::sc_module_name& name) : sc_module(name), socket("socket") {
    socket.bind(*this);
    SC_THREAD(play);
  }
  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload&, tlm::tlm_phase&,
                                     sc_core::sc_time&) override {
    return tlm::TLM_ACCEPTED;
  }
  void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}

  tlm::tlm_initiator_socket<> socket;
  std::vector<std::pair<sc_core::sc_time, tlm::tlm_response_status>> ends;

 private:
  void transport(sc_dt::uint64 address, unsigned bytes) {
    unsigned char data[256] = {};
    tlm::tlm_generic_payload payload;
    payload.set_command(tlm::TLM_READ_COMMAND);
    payload.set_address(address);
    payload.set_data_ptr(data);
    payload.set_data_length(bytes);
    payload.set_streaming_width(bytes);
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    socket->b_transport(payload, delay);
    ends.emplace_back(sc_core::sc_time_stamp(), payload.get_response_status());
  }
  void play() {
    transport(0, 32);
    transport(32, 32);
    transport(sc_dt::uint64{1} << 60, 32);
  }
};

TEST(DramTlmTest, APlainInitiatorWaitsForTheDramAndHearsOfBadAddresses) {
  DramController dram("dram", sample_devices().front());
  DramTlmTarget target("target", dram, 0, dram.device().organisation.capacity_bytes(), 4);
  PlainInitiator initiator("initiator");
  initiator.socket.bind(target.socket);
  sc_core::sc_start({1, sc_core::SC_US});
  ASSERT_EQ(initiator.ends.size(), 3u);
  // Seen a cycle after submit; ACT 4, tRCD 29, RL 28, burst 8.
  EXPECT_EQ(initiator.ends[0].first, dram.clock().start_of(Cycles(1 + 3 + 29 + 28 + 8)));
  EXPECT_EQ(initiator.ends[0].second, tlm::TLM_OK_RESPONSE);
  // The row is open: one cycle, RD 4, RL 28, burst 8.
  EXPECT_EQ(initiator.ends[1].first, dram.clock().start_of(Cycles(69 + 1 + 3 + 28 + 8)));
  EXPECT_EQ(initiator.ends[2].second, tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

class Counter : public DramListener {
 public:
  void dram_done(std::uint64_t id) override { ++done[id]; }
  std::map<std::uint64_t, int> done;
};

class Submitter : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(Submitter);
  Submitter(const sc_core::sc_module_name& name, DramPort& port, DramListener& listener)
      : sc_module(name), port_(port) {
    port_.listen(7, listener);
    SC_THREAD(play);
  }
  static constexpr int kRequests = 30;

 private:
  void play() {
    for (int i = 0; i < kRequests; ++i) {
      const DramAccess access = i % 4 == 0 ? DramAccess::kWrite : DramAccess::kRead;
      port_.submit({static_cast<std::uint64_t>(i), 7, access, {i * 5000, 320, 1000, 1 + i % 3}});
    }
  }
  DramPort& port_;
};

TEST(DramTlmTest, AnotherTlmMemoryCanStandBehindThePortUnderBackPressure) {
  DramController direct("direct", sample_devices().front());
  Counter direct_done;
  Submitter direct_user("direct_user", direct, direct_done);
  DramController behind("behind", sample_devices().front());
  DramTlmTarget target("target", behind, 0, behind.device().organisation.capacity_bytes(), 3);
  TlmDramPort port("port", 64);
  port.socket.bind(target.socket);
  Counter done;
  Submitter user("user", port, done);
  sc_core::sc_start({100, sc_core::SC_US});
  EXPECT_EQ(done.done.size(), static_cast<std::size_t>(Submitter::kRequests));
  EXPECT_EQ(done.done, direct_done.done);
  for (const auto& [id, times] : done.done) EXPECT_EQ(times, 1);
  EXPECT_EQ(behind.stats().read_payload, direct.stats().read_payload);
  EXPECT_EQ(behind.stats().write_moved, direct.stats().write_moved);
}

}  // namespace
}  // namespace mxsim
