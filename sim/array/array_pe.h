#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "sim/array/array_unit.h"
#include "sim/array/grid_engine.h"
#include "sim/array/pe.h"

namespace mxsim {

inline constexpr std::int64_t kMostTracedPes = 1024;
/// Throws InputError unless a waveform of every PE can be written.
void check_traceable(Fidelity fidelity, const ArraySpec& spec);

/// Fidelity `pe`: every PE is a module `pe_<row>_<column>` with real bits in two-phase registers.
/// The arrays of a grid are numbered on: PE (i, j) of array (p, q) is pe_<p rows + i>_<q columns +
/// j>. One process steps them all while a command runs and sleeps otherwise. Commands behind one
/// another use each PE one after the other: each keeps its part of the registers apart.
class ArrayPe final : public ArrayUnit {
 public:
  SC_HAS_PROCESS(ArrayPe);
  /// SCALE-Sim timing is a closed form without hardware behind it: InputError.
  ArrayPe(const sc_core::sc_module_name& name, const ArraySpec& spec, const ClockDomain& clock);

  /// A value is shown from the start of the step that writes it.
  void trace(sc_core::sc_trace_file& file) override;

 private:
  void begin(const ArrayCommand& command, const TileData& data) override;
  void step();
  void show_registers();

  /// A command and the PE registers that its operands and results are in.
  struct InFlight {
    std::unique_ptr<std::vector<PeGrid>> grids;
    std::unique_ptr<GridEngine> engine;
    Cycles interval{1};
    Cycles next_step{};
    bool caught_up = false;  ///< nothing is left but to end the command
  };
  void advance(InFlight& command);
  std::unique_ptr<std::vector<PeGrid>> free_grids();

  std::vector<std::vector<std::unique_ptr<Pe>>> pes_;  ///< by array
  std::deque<InFlight> in_flight_;
  std::vector<std::unique_ptr<std::vector<PeGrid>>> spare_grids_;
  bool traced_ = false;
  sc_core::sc_event wake_;
};

}  // namespace mxsim
