// Interleaved buffers of random chips beside partitioned ones.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "sim/run/simulation.h"
#include "tests/property/drawn_chips.h"

namespace mxsim {
namespace {

/// Two slots in every role, with banks of their own if they are apart.
ChipConfig with(ChipConfig chip, BufferLayout layout, std::int64_t ports) {
  for (auto& [name, buffer] : chip.buffers) {
    buffer.layout = layout;
    buffer.ports = ports;
    buffer.slots = 2;
    buffer.banks = 8;
  }
  return chip;
}

void expect_no_cycle_lost(const SimulationResult& run) {
  for (const Unit unit :
       {Unit::kDmaRead, Unit::kDmaWrite, Unit::kArray, Unit::kVector, Unit::kRequant}) {
    RC_ASSERT(run.activity[static_cast<std::size_t>(unit)].total() == run.cycles);
  }
}

/// Over all units.
Cycles conflicts(const SimulationResult& run) {
  Cycles sum{0};
  for (const UnitActivity& unit : run.activity) sum += unit.stalled[StallCause::kBankConflict];
  return sum;
}

// Nobody is ever kept from a port, and a read and a write do not wait for each other; elements of a
// column that lie in one bank do, in either layout. What ends earlier may ask DRAM before somebody
// else: then the whole can end later (of 1300 draws in two, by 0.2 % at most).
RC_GTEST_PROP(SharedPorts, ToSpareKeepNobodyWaiting, ()) {
  constexpr std::int64_t kToSpare = 4096;
  constexpr double kOtherOrder = 1.01;
  const ChipConfig chip = testing::drawn_chip();
  const ChipConfig apart = with(chip, BufferLayout::kPartitioned, kToSpare);
  const ChipConfig shared = with(chip, BufferLayout::kInterleaved, kToSpare);
  RC_PRE(validate(apart.buffers).empty());
  const DramDevice dram = testing::drawn_ideal_memory();
  const OpList ops = testing::drawn_ops(chip);
  const SimulationResult alone = simulate({ops, apart, dram});
  const SimulationResult together = simulate({ops, shared, dram});
  RC_ASSERT(conflicts(together) <= conflicts(alone));
  RC_ASSERT(static_cast<double>(together.cycles.count()) <=
            kOtherOrder * static_cast<double>(alone.cycles.count()));
  for (const Event event : {Event::kSramReads, Event::kSramWrites, Event::kDmaReadBytes,
                            Event::kDmaWriteBytes, Event::kMac}) {
    RC_ASSERT(together.counts.total(event) == alone.counts.total(event));
  }
}

// Whoever wins, every word is moved and counted, whatever the order of the modules.
RC_GTEST_PROP(SharedPorts, LoseNoWordAndNoCycle, ()) {
  ChipConfig chip = testing::drawn_chip();
  for (auto& [name, buffer] : chip.buffers) buffer.layout = BufferLayout::kInterleaved;
  RC_PRE(validate(chip.buffers).empty());
  const DramDevice dram = testing::drawn_ideal_memory();
  const OpList ops = testing::drawn_ops(chip);
  SimulationRequest request{ops, chip, dram};
  const SimulationResult tile = simulate(request);
  request.build_order = kReversedOrder;
  const SimulationResult reversed = simulate(request);
  expect_no_cycle_lost(tile);
  RC_ASSERT(tile.cycles == reversed.cycles);
  RC_ASSERT(tile.counts == reversed.counts);
  RC_ASSERT(tile.activity == reversed.activity);
  for (const Unit direction : {Unit::kDmaRead, Unit::kDmaWrite}) {
    const bool reads = direction == Unit::kDmaRead;
    const Bytes payload = reads ? tile.dram.read_payload : tile.dram.write_payload;
    RC_ASSERT(tile.counts[direction][reads ? Event::kDmaReadBytes : Event::kDmaWriteBytes] ==
              static_cast<std::uint64_t>(payload.count()));
  }
}

}  // namespace
}  // namespace mxsim
