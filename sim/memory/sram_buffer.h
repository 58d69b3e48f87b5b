#pragma once

#include <array>
#include <memory>
#include <systemc>

#include "models/core/unit.h"
#include "models/mapping/mapper_chip.h"

namespace mxsim {

/// One on-chip buffer: counts what its ports move and says how long they take. Slots are used by
/// one command at a time (the program's dependencies see to that), and slots share no bank, so
/// ports never conflict.
class SramBuffer : public sc_core::sc_module {
 public:
  SramBuffer(const sc_core::sc_module_name& name, SramGeometry geometry, EventCounts& counts);

  const SramGeometry& geometry() const { return geometry_; }
  /// Counts payload packed into words; returns the cycles the ports of one slot need for it.
  Cycles move(Bytes read, Bytes written);
  /// Counts words that someone else has paced.
  void count(std::int64_t read_words, Bytes read, std::int64_t write_words, Bytes written);

 private:
  SramGeometry geometry_;
  EventCounts& counts_;
};

/// The chip's buffers by the unit that counts their accesses.
class ChipBuffers {
 public:
  ChipBuffers(const MapperChip& chip, UnitCounts& counts);

  SramBuffer& of(Unit unit) const;

 private:
  std::array<std::unique_ptr<SramBuffer>, kUnitCount> buffers_;
};

}  // namespace mxsim
