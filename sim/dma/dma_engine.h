#pragma once

#include <deque>
#include <vector>

#include "models/chip/chip_spec.h"
#include "sim/control/command_unit.h"
#include "sim/dram/dram_port.h"
#include "sim/memory/sram_buffer.h"

namespace mxsim {

/// One direction of the DMA controller. A transfer reads its descriptor (setup), asks the DRAM for
/// its runs, and ends when the data has crossed the DMA's own path and the buffer's ports. Several
/// transfers are in flight and end in order; the path carries one at a time. A transfer that stays
/// on the chip takes the path alone.
///
/// The oldest transfer decides what the unit does: it waits for DRAM while data is outstanding and
/// the path could have carried all of it by now, or could carry it faster than DRAM at its peak;
/// otherwise it works.
class DmaEngine : public CommandUnit, private DramListener {
 public:
  SC_HAS_PROCESS(DmaEngine);
  struct Memory {
    DramPort& port;
    double peak_bytes_per_cycle;
  };
  /// `access` also fixes the unit: kRead is Unit::kDmaRead, kWrite Unit::kDmaWrite.
  DmaEngine(const sc_core::sc_module_name& name, DramAccess access, const DmaSpec& spec,
            const Surroundings& around, const ChipBuffers& buffers, const Memory& memory);

 private:
  /// Of the path and DRAM at its peak rate, for one transfer.
  enum class Slower : std::uint8_t { kPath, kDram };
  struct Transfer {
    CommandId id;
    const Command* command;
    Cycles submit_at;
    Cycles path_free;  ///< when the path and the buffer's ports could have carried it
    Cycles ready;      ///< and when they have
    Slower slower;
    std::size_t outstanding = 0;
    bool submitted = false;
  };

  void begin(CommandId id, const Command& command) override;
  void dram_done(std::uint64_t request) override;
  StallCycles waits_within(Cycles from, Cycles to) const override;
  void advance();
  void submit(Transfer& transfer, std::uint64_t sequence);
  Cycles path_cycles(const Command& command);

  DramAccess access_;
  DmaSpec spec_;
  const ChipBuffers& buffers_;
  Memory memory_;
  std::deque<Transfer> transfers_;
  std::uint64_t first_sequence_ = 0;  ///< number of transfers_.front()
  Cycles path_free_{0};
  sc_core::sc_event advance_event_;
};

}  // namespace mxsim
