#pragma once

#include <memory>
#include <vector>

#include "sim/array/array_engine.h"
#include "sim/array/array_unit.h"
#include "sim/array/pe.h"

namespace mxsim {

/// Fidelity `pe`: every PE is a module `pe_<row>_<column>` with real bits in two-phase registers.
/// One process steps them all while a command runs and sleeps otherwise.
class ArrayPe final : public ArrayUnit {
 public:
  SC_HAS_PROCESS(ArrayPe);
  /// SCALE-Sim timing is a closed form without hardware behind it: InputError.
  ArrayPe(const sc_core::sc_module_name& name, const ArraySpec& spec, const ClockDomain& clock);

  /// Records every PE's registers in a waveform; call before simulation starts. A value is shown
  /// from the start of the step that writes it.
  void trace(sc_core::sc_trace_file& file);

 private:
  void begin(const ArrayCommand& command, const TileData& data) override;
  void step();
  void show_registers();

  PeGrid grid_;
  std::vector<std::unique_ptr<Pe>> pes_;
  std::unique_ptr<ArrayEngine> engine_;
  bool traced_ = false;
  Cycles next_step_{};
  Cycles interval_{1};
  sc_core::sc_event wake_;
};

}  // namespace mxsim
