#include "sim/dma/dma_engine.h"

#include <gtest/gtest.h>

#include <map>

#include "tests/support/control_bench.h"

namespace mxsim::testing {
namespace {

/// A memory that answers every request after the same time.
class FixedMemory : public sc_core::sc_module, public DramPort {
 public:
  SC_HAS_PROCESS(FixedMemory);
  FixedMemory(const sc_core::sc_module_name& name, const ClockDomain& clock, std::int64_t cycles)
      : sc_module(name), clock_(clock), cycles_(cycles) {
    SC_METHOD(answer);
    sensitive << due_;
    dont_initialize();
  }

  void listen(std::uint32_t client, DramListener& listener) override {
    listeners_[client] = &listener;
  }
  void submit(const DramRequest& request) override {
    submitted_.push_back(clock_.now().count());
    waiting_.emplace(clock_.now().count() + cycles_, request);
    due_.notify(clock_.until(Cycles(waiting_.begin()->first)));
  }
  /// The cycles of the requests.
  const std::vector<std::int64_t>& submitted() const { return submitted_; }

 private:
  void answer() {
    while (!waiting_.empty() && waiting_.begin()->first <= clock_.now().count()) {
      const DramRequest request = waiting_.begin()->second;
      waiting_.erase(waiting_.begin());
      listeners_.at(request.client)->dram_done(request.id);
    }
    if (!waiting_.empty()) due_.notify(clock_.until(Cycles(waiting_.begin()->first)));
  }

  const ClockDomain& clock_;
  std::int64_t cycles_;
  std::map<std::uint32_t, DramListener*> listeners_;
  std::multimap<std::int64_t, DramRequest> waiting_;
  std::vector<std::int64_t> submitted_;
  sc_core::sc_event due_;
};

/// 64 bytes into the input buffer: 8 words of 8 bytes, one a cycle.
Command fetch(std::int64_t base = 0) {
  Command command = command_of(Unit::kDmaRead);
  command.work = TransferWork{{{base, 64, 64, 1}}};
  command.buffers = {{Unit::kSramInput, Bytes(0), Bytes(64)}};
  return command;
}

/// A DMA of 16 bytes a cycle with a setup of 4 cycles and two transfers in flight. The buffer's
/// port, 8 cycles for a fetch, is slower than the path.
struct Bench {
  Bench(std::int64_t memory_cycles, double dram_bytes_per_cycle, std::vector<Command> commands)
      : chip(with_dram(dram_bytes_per_cycle)),
        memory("memory", bench.clock, memory_cycles),
        dma("dma", DramAccess::kRead, DmaSpec{16, 4, 2}, bench.context(), buffers, {memory, chip}),
        after("after", Unit::kArray, 1, bench.context(), 8) {
    std::vector<Command> all = std::move(commands);
    const std::size_t fetches = all.size();
    for (CommandId id = 0; id < fetches; ++id) all.push_back(command_of(Unit::kArray, {id}));
    bench.hand_out({0, std::move(all), 1});
    run_to_end();
  }

  static MapperChip with_dram(double bytes_per_cycle) {
    MapperChip chip = ported_chip();
    chip.dram_bytes_per_cycle = bytes_per_cycle;
    return chip;
  }
  /// The cycle in which each fetch ended: a cycle before its follower began.
  std::vector<std::int64_t> ends() const {
    std::vector<std::int64_t> cycles;
    for (const FixedUnit::Span& span : after.spans()) cycles.push_back(span.begin - 1);
    return cycles;
  }

  ControlBench bench;
  MapperChip chip;
  ChipBuffers buffers{chip, bench.ledger.open()};
  FixedMemory memory;
  DmaEngine dma;
  FixedUnit after;
};

using Times = std::vector<std::int64_t>;

TEST(DmaEngines, AskMemoryAfterTheSetupAndEndWhenTheBufferHasTheData) {
  const Bench quick(6, 8, {fetch()});  // data in cycle 10, the port until 4 + 8
  EXPECT_EQ(quick.memory.submitted(), (Times{4}));
  EXPECT_EQ(quick.ends(), (Times{12}));
}

TEST(DmaEngines, EndACycleAfterTheLastDataOfASlowMemory) {
  const Bench slow(20, 8, {fetch()});  // data in cycle 4 + 20, and a cycle into the core's clock
  EXPECT_EQ(slow.ends(), (Times{25}));
}

TEST(DmaEngines, WaitForMemoryWhileItIsSlowerThanThePath) {
  Bench slow(20, 8, {fetch()});
  const UnitActivity activity = slow.dma.take_activity();
  EXPECT_EQ(activity.stalled[StallCause::kDram], Cycles(20));
  EXPECT_EQ(activity.busy, Cycles(5));
}

TEST(DmaEngines, WorkWhileThePathIsSlowerThanMemoryAndWaitForTheRest) {
  Bench slow(20, 16, {fetch()});  // the port could have had all by cycle 12
  const UnitActivity activity = slow.dma.take_activity();
  EXPECT_EQ(activity.stalled[StallCause::kDram], Cycles(12));
  EXPECT_EQ(activity.busy, Cycles(13));
}

TEST(DmaEngines, KeepTwoTransfersInFlightOnOnePath) {
  const Bench three(6, 8, {fetch(0), fetch(64), fetch(128)});
  // The third begins when the first ends, in cycle 12; the path is free for it in cycle 20.
  EXPECT_EQ(three.memory.submitted(), (Times{4, 4, 16}));
  EXPECT_EQ(three.ends(), (Times{12, 20, 28}));
}

TEST(DmaEngines, AskForEveryRunOfATransferAndEndWithTheLast) {
  Command scattered = fetch();
  scattered.work = TransferWork{{{0, 16, 16, 1}, {1024, 16, 16, 1}, {4096, 16, 16, 2}}};
  const Bench bench(20, 8, {scattered});
  EXPECT_EQ(bench.memory.submitted(), (Times{4, 4, 4}));
  EXPECT_EQ(bench.ends(), (Times{25}));
}

TEST(DmaEngines, CountBytesAndWords) {
  Bench bench(6, 8, {fetch(0), fetch(64)});
  const UnitCounts counts = bench.bench.ledger.take(0);
  EXPECT_EQ(counts[Unit::kDmaRead][Event::kDmaReadBytes], 128U);
  EXPECT_EQ(counts[Unit::kSramInput][Event::kSramWrites], 16U);
  EXPECT_EQ(counts[Unit::kSramInput][Event::kSramWriteBytes], 128U);
  EXPECT_EQ(counts[Unit::kSramInput][Event::kSramReads], 0U);
}

TEST(DmaEngines, MoveDataThatStaysOnTheChipWithoutMemory) {
  Bench bench(20, 8, {fetch(kOnChip)});
  EXPECT_EQ(bench.memory.submitted(), Times{});
  EXPECT_EQ(bench.ends(), (Times{12}));
  const UnitCounts counts = bench.bench.ledger.take(0);
  EXPECT_EQ(counts[Unit::kDmaRead][Event::kDmaReadBytes], 0U);
  EXPECT_EQ(counts[Unit::kSramInput][Event::kSramWriteBytes], 64U);
}

}  // namespace
}  // namespace mxsim::testing
