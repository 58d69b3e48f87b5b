#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "models/mapping/chip/mapper_chip.h"
#include "sim/control/command_unit.h"
#include "sim/kernel/simulation_context.h"

namespace mxsim::testing {

/// What a chip has around its units, at 1 GHz: a cycle is a nanosecond. A kernel of its own.
class ControlBench {
 public:
  explicit ControlBench(std::size_t groups = 1, const StallSource* stalls = nullptr);

  CommandUnit::Context context() {
    return {clock, ops, scoreboard, ledger, units, nullptr, stalls_};
  }
  /// Hands the piece to the units that are there, as a sequencer does.
  void hand_out(Program piece);

 private:
  SimulationContext kernel_;
  const StallSource* stalls_;

 public:
  ClockDomain clock{1'000'000'000};
  OpList ops;
  Scoreboard scoreboard;
  EventLedger ledger;
  CommandUnits units{};
};

/// A command without data.
Command command_of(Unit unit, std::vector<CommandId> after = {}, std::uint32_t group = 0);

/// A chip of an 8x8 array whose buffers have a port of 64 bits for each of two slots.
MapperChip ported_chip();

/// In place of a unit: every command takes so many cycles, and its begin and end are noted.
class FixedUnit : public CommandUnit {
 public:
  SC_HAS_PROCESS(FixedUnit);
  struct Span {
    CommandId id = 0;
    std::int64_t begin = 0;
    std::int64_t end = 0;
    bool operator==(const Span&) const = default;
  };

  FixedUnit(const sc_core::sc_module_name& name, Unit unit, std::int64_t cycles,
            const Context& context, std::size_t capacity = 1);

  const std::vector<Span>& spans() const { return spans_; }

 private:
  void begin(CommandId id, const Command& command) override;
  void end();

  Cycles cycles_;
  std::vector<Span> spans_;
  std::size_t ended_ = 0;
  sc_core::sc_event end_event_;
};

/// Calls `action` in a given cycle.
class Probe : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(Probe);
  Probe(const sc_core::sc_module_name& name, const ClockDomain& clock, std::int64_t cycle,
        std::function<void()> action);

 private:
  void run();

  const ClockDomain& clock_;
  Cycles cycle_;
  std::function<void()> action_;
};

}  // namespace mxsim::testing
