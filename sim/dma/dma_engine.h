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
/// on the chip takes the path alone. On the path a transfer asks shared ports for its words evenly,
/// whenever DRAM moves them.
///
/// The oldest transfer decides what the unit does: it waits for DRAM while data is outstanding and
/// the path could have carried all of it by now, or could carry it faster than DRAM at its peak; it
/// has a bank conflict while other units keep it on the path for longer than it needs; otherwise it
/// works.
class DmaEngine : public CommandUnit, private DramListener {
 public:
  SC_HAS_PROCESS(DmaEngine);
  struct Memory {
    DramPort& port;
    const MapperChip& chip;
  };
  /// `access` also fixes the unit: kRead is Unit::kDmaRead, kWrite Unit::kDmaWrite.
  DmaEngine(const sc_core::sc_module_name& name, DramAccess access, const DmaSpec& spec,
            const Context& context, const ChipBuffers& buffers, const Memory& memory);

 private:
  /// Of the path and DRAM at its peak rate, for one transfer.
  enum class Slower : std::uint8_t { kPath, kDram };
  struct Transfer {
    CommandId id;
    const Command* command;
    Cycles submit_at;
    Cycles path;  ///< how long it takes that and the ports of its slot
    Slower slower;
    Cycles own_end{INT64_MAX};  ///< on the path, if it got every port it asks for; once it is there
    Cycles path_end{INT64_MAX};  ///< once it has left the path
    Cycles arrived{0};           ///< last data
    std::size_t outstanding = 0;
    bool submitted = false;
  };

  void begin(CommandId id, const Command& command) override;
  void dram_done(std::uint64_t request) override;
  StallCycles waits_within(Cycles from, Cycles to) const override;
  void advance();
  void submit(Transfer& transfer, std::uint64_t sequence);
  void step_path(Cycles now);
  /// When the transfer on the path leaves it, if no other unit begins to use shared ports before.
  Cycles path_end() const;
  void wake_for(Cycles cycle);
  Cycles path_cycles(const Command& command);

  DramAccess access_;
  DmaSpec spec_;
  const ChipBuffers& buffers_;
  Memory memory_;
  std::deque<Transfer> transfers_;
  std::uint64_t first_sequence_ = 0;  ///< number of transfers_.front()
  std::uint64_t on_path_ = 0;         ///< number of the transfer that is on the path, or next
  sc_core::sc_event advance_event_;
};

}  // namespace mxsim
