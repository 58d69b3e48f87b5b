#pragma once

#include <array>
#include <memory>
#include <systemc>

#include "models/core/unit.h"
#include "models/mapping/prediction/chip_ports.h"

namespace mxsim {

/// What one role has of an on-chip buffer: counts what the ports move and says how long those of a
/// slot take. Slots are used by one command at a time (the program's dependencies see to that), so
/// ports conflict only where slots share them (ChipPorts).
class SramBuffer : public sc_core::sc_module {
 public:
  SramBuffer(const sc_core::sc_module_name& name, SramGeometry geometry, EventCounts& counts);

  const SramGeometry& geometry() const { return geometry_; }
  /// Counts payload packed into words; returns the cycles a slot's own ports need for it.
  Cycles move(Bytes read, Bytes written);
  /// Counts words that someone else has paced.
  void count(std::int64_t read_words, Bytes read, std::int64_t write_words, Bytes written);
  /// Counts payload that its transposer turns.
  void count_transposed(Bytes read);

 private:
  SramGeometry geometry_;
  EventCounts& counts_;
};

/// The chip's buffers by the unit that counts their accesses.
class ChipBuffers {
 public:
  ChipBuffers(const MapperChip& chip, UnitCounts& counts);

  SramBuffer& of(Unit unit) const;
  /// Ports that units share.
  ChipPorts& ports() const { return *ports_; }

 private:
  std::unique_ptr<ChipPorts> ports_;
  std::array<std::unique_ptr<SramBuffer>, kUnitCount> buffers_;
};

}  // namespace mxsim
