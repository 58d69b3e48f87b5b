#include <gtest/gtest.h>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <map>
#include <memory>

#include "models/formats/format_table.h"
#include "sim/dram/dram_controller.h"
#include "sim/dram/dram_tlm_target.h"
#include "sim/dram/tlm_dram_port.h"
#include "sim/run/simulation.h"
#include "tests/support/dram_devices.h"
#include "tests/support/sample_work.h"
#include "tests/support/tiny_chip.h"

namespace mxsim {
namespace {

using sc_core::sc_time;

sc_time ns(double value) { return {value, sc_core::SC_NS}; }

/// How a TLM-2.0 memory may answer: phase by phase; with half of the latency annotated; at once
/// with all of it annotated.
enum class Manner : std::uint8_t { kPhases, kHalfAnnotated, kAtOnce };

class PhasedMemory : public sc_core::sc_module, public tlm::tlm_fw_transport_if<> {
 public:
  SC_HAS_PROCESS(PhasedMemory);
  PhasedMemory(const sc_core::sc_module_name& name, Manner manner, sc_time latency)
      : sc_module(name), socket("socket"), manner_(manner), latency_(latency), ready_("ready") {
    socket.bind(*this);
    SC_METHOD(answer);
    sensitive << ready_.get_event();
    dont_initialize();
  }

  tlm::tlm_target_socket<> socket;
  std::uint64_t transactions = 0;

  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_time& delay) override {
    if (phase != tlm::BEGIN_REQ) return tlm::TLM_COMPLETED;
    ++transactions;
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
    if (manner_ == Manner::kAtOnce) {
      delay += latency_;
      return tlm::TLM_COMPLETED;
    }
    ready_.notify(payload, manner_ == Manner::kPhases ? latency_ : latency_ / 2);
    phase = tlm::END_REQ;
    return tlm::TLM_UPDATED;
  }
  void b_transport(tlm::tlm_generic_payload&, sc_time&) override { FAIL() << "not asked for"; }
  bool get_direct_mem_ptr(tlm::tlm_generic_payload&, tlm::tlm_dmi&) override { return false; }
  unsigned transport_dbg(tlm::tlm_generic_payload&) override { return 0; }

 private:
  void answer() {
    while (tlm::tlm_generic_payload* payload = ready_.get_next_transaction()) {
      tlm::tlm_phase phase = tlm::BEGIN_RESP;
      sc_time delay = manner_ == Manner::kPhases ? sc_core::SC_ZERO_TIME : latency_ / 2;
      EXPECT_EQ(socket->nb_transport_bw(*payload, phase, delay), tlm::TLM_COMPLETED);
    }
  }

  Manner manner_;
  sc_time latency_;
  tlm_utils::peq_with_get<tlm::tlm_generic_payload> ready_;
};

/// A loosely-timed memory: one call, one delay; the utility socket turns phases into calls.
class BlockingMemory : public sc_core::sc_module {
 public:
  BlockingMemory(const sc_core::sc_module_name& name, sc_time latency)
      : sc_module(name), socket("socket"), latency_(latency) {
    socket.register_b_transport(this, &BlockingMemory::b_transport);
  }
  tlm_utils::simple_target_socket<BlockingMemory> socket;
  std::uint64_t transactions = 0;

 private:
  void b_transport(tlm::tlm_generic_payload& payload, sc_time& delay) {
    ++transactions;
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
    delay += latency_;
  }
  sc_time latency_;
};

/// What passed through a port: when each request was submitted and when it was done.
struct Passages {
  struct Passage {
    sc_time submitted;
    sc_time done;
    int times_done = 0;
  };
  std::map<std::pair<std::uint32_t, std::uint64_t>, std::vector<Passage>> requests;
  std::uint64_t transactions = 0;
};

/// The adapter with a memory behind it, and a note of everything that passes.
template <class Memory>
class ForeignDram : public DramModel {
 public:
  template <class... Arguments>
  explicit ForeignDram(Passages& passages, Arguments... arguments)
      : passages_(passages), port_("port", 64), memory_("memory", arguments...) {
    port_.socket.bind(memory_.socket);
  }
  ~ForeignDram() override { passages_.transactions = memory_.transactions; }

  void listen(std::uint32_t client, DramListener& listener) override {
    notes_.push_back(std::make_unique<Note>(*this, client, listener));
    port_.listen(client, *notes_.back());
  }
  void submit(const DramRequest& request) override {
    passages_.requests[{request.client, request.id}].push_back(
        {sc_core::sc_time_stamp(), sc_core::SC_ZERO_TIME, 0});
    port_.submit(request);
  }
  EventCounts take_account(std::uint32_t account) override { return port_.take_account(account); }
  EventCounts overhead() override { return port_.overhead(); }

 private:
  struct Note : DramListener {
    Note(ForeignDram& dram, std::uint32_t number, DramListener& user)
        : owner(dram), client(number), listener(user) {}
    void dram_done(std::uint64_t id) override {
      Passages::Passage& passage = owner.passages_.requests.at({client, id}).back();
      passage.done = sc_core::sc_time_stamp();
      ++passage.times_done;
      listener.dram_done(id);
    }
    ForeignDram& owner;
    std::uint32_t client;
    DramListener& listener;
  };

  Passages& passages_;
  TlmDramPort port_;
  Memory memory_;
  std::vector<std::unique_ptr<Note>> notes_;
};

class ForeignMemory : public ::testing::Test {
 protected:
  SimulationResult run(std::function<std::unique_ptr<DramModel>()> memory = nullptr) {
    SimulationRequest request{ops_, chip_, dram_};
    request.bits = ResultBits::kComputed;
    request.memory = std::move(memory);
    return simulate(request);
  }

  OpList ops_ = testing::sample_work(parse_format("mxsf"), {8, 8});
  ChipConfig chip_ = testing::tiny_chip();
  DramDevice dram_ = testing::sample_devices().front();
};

void expect_each_done_once(const Passages& passages) {
  EXPECT_GT(passages.requests.size(), 10u);
  for (const auto& [key, all] : passages.requests) {
    for (const Passages::Passage& passage : all) EXPECT_EQ(passage.times_done, 1);
  }
}

TEST_F(ForeignMemory, AChipRunsOnItWithTheSameResultsAndEveryRequestTakesTheLatencyItTells) {
  const SimulationResult own = run();
  for (const Manner manner : {Manner::kPhases, Manner::kHalfAnnotated}) {
    for (const double latency : {0.0, 80.0, 1000.0}) {
      Passages passages;
      const SimulationResult result = run([&] {
        return std::make_unique<ForeignDram<PhasedMemory>>(passages, manner, ns(latency));
      });
      EXPECT_EQ(result.output_hashes, own.output_hashes);
      for (const Unit unit : {Unit::kArray, Unit::kDmaRead, Unit::kDmaWrite, Unit::kSramInput}) {
        EXPECT_EQ(result.counts[unit], own.counts[unit]) << to_string(unit);
      }
      expect_each_done_once(passages);
      for (const auto& [key, all] : passages.requests) {
        for (const Passages::Passage& p : all) EXPECT_EQ(p.done - p.submitted, ns(latency));
      }
      const EventCounts& dram = result.counts[Unit::kDram];
      EXPECT_EQ(dram[Event::kDramReads] + dram[Event::kDramWrites], passages.transactions);
      EXPECT_EQ(dram[Event::kDramReadBytes] + dram[Event::kDramWriteBytes],
                own.counts[Unit::kDmaRead][Event::kDmaReadBytes] +
                    own.counts[Unit::kDmaWrite][Event::kDmaWriteBytes]);
    }
  }
}

TEST_F(ForeignMemory, ItsLatencyLengthensTheRun) {
  std::vector<Cycles> cycles;
  for (const double latency : {0.0, 100.0, 1000.0}) {
    Passages passages;
    cycles.push_back(run([&] {
                       return std::make_unique<ForeignDram<PhasedMemory>>(passages, Manner::kPhases,
                                                                          ns(latency));
                     }).cycles);
  }
  EXPECT_LT(cycles[0], cycles[1]);
  EXPECT_LT(cycles[1], cycles[2]);
}

TEST_F(ForeignMemory, OneThatAnswersAtOnceOrByBlockingCallsServesAChipToo) {
  const SimulationResult own = run();
  Passages at_once;
  EXPECT_EQ(run([&] {
              return std::make_unique<ForeignDram<PhasedMemory>>(at_once, Manner::kAtOnce, ns(20));
            }).output_hashes,
            own.output_hashes);
  expect_each_done_once(at_once);
  Passages blocking;
  EXPECT_EQ(run([&] {
              return std::make_unique<ForeignDram<BlockingMemory>>(blocking, ns(20));
            }).output_hashes,
            own.output_hashes);
  expect_each_done_once(blocking);
}

/// An approximately-timed initiator with several reads under way, each annotated with a delay.
class PhasedInitiator : public sc_core::sc_module, private tlm::tlm_mm_interface {
 public:
  SC_HAS_PROCESS(PhasedInitiator);
  static constexpr std::size_t kReads = 20;

  PhasedInitiator(const sc_core::sc_module_name& name, sc_time delay)
      : sc_module(name), socket("socket"), delay_(delay) {
    socket.register_nb_transport_bw(this, &PhasedInitiator::nb_transport_bw);
    SC_THREAD(play);
  }

  tlm_utils::simple_initiator_socket<PhasedInitiator> socket;
  std::map<const tlm::tlm_generic_payload*, int> answers;
  sc_time first_answer;

 private:
  void play() {
    for (std::size_t i = 0; i < kReads; ++i) {
      tlm::tlm_mm_interface* manager = this;
      payloads_.push_back(std::make_unique<tlm::tlm_generic_payload>(manager));
      tlm::tlm_generic_payload& payload = *payloads_.back();
      payload.acquire();
      payload.set_command(tlm::TLM_READ_COMMAND);
      payload.set_address(i * 4096);
      payload.set_data_ptr(data_);
      payload.set_data_length(sizeof(data_));
      payload.set_streaming_width(sizeof(data_));
      requesting_ = &payload;
      tlm::tlm_phase phase = tlm::BEGIN_REQ;
      sc_time delay = delay_;
      if (socket->nb_transport_fw(payload, phase, delay) == tlm::TLM_UPDATED) requesting_ = nullptr;
      while (requesting_ != nullptr) wait(end_request_);
    }
  }
  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_time&) {
    if (requesting_ == &payload) {
      requesting_ = nullptr;
      end_request_.notify(sc_core::SC_ZERO_TIME);
    }
    if (phase != tlm::BEGIN_RESP) return tlm::TLM_ACCEPTED;
    EXPECT_EQ(payload.get_response_status(), tlm::TLM_OK_RESPONSE);
    if (answers.empty()) first_answer = sc_core::sc_time_stamp();
    ++answers[&payload];
    payload.release();
    return tlm::TLM_COMPLETED;
  }
  void free(tlm::tlm_generic_payload*) override {}

  sc_time delay_;
  unsigned char data_[32] = {};
  std::vector<std::unique_ptr<tlm::tlm_generic_payload>> payloads_;
  tlm::tlm_generic_payload* requesting_ = nullptr;
  sc_core::sc_event end_request_;
};

void expect_answers_after(std::int64_t delay_cycles) {
  DramController dram("dram", testing::sample_devices().front());
  DramTlmTarget target("target", dram, 0, dram.device().organisation.capacity_bytes(), 2);
  PhasedInitiator initiator("initiator", dram.clock().start_of(Cycles(delay_cycles)));
  initiator.socket.bind(target.socket);
  sc_core::sc_start(ns(20'000));
  ASSERT_EQ(initiator.answers.size(), PhasedInitiator::kReads);
  for (const auto& [payload, times] : initiator.answers) EXPECT_EQ(times, 1);
  EXPECT_EQ(dram.stats().read_requests, static_cast<std::int64_t>(PhasedInitiator::kReads));
  // Seen a cycle after it begins; ACT 4, tRCD 29, RL 28, burst 8.
  EXPECT_EQ(initiator.first_answer,
            dram.clock().start_of(Cycles(delay_cycles + 1 + 3 + 29 + 28 + 8)));
}

TEST(ForeignInitiator, AnApproximatelyTimedOneIsHeldBackAndAnsweredOnceForEachRead) {
  expect_answers_after(0);
}

TEST(ForeignInitiator, ADelayAnnotatedToARequestIsWaitedFor) { expect_answers_after(64); }

}  // namespace
}  // namespace mxsim
