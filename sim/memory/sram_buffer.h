#pragma once

#include <systemc>

#include "models/core/unit.h"
#include "models/memory/sram_geometry.h"

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

/// The chip's three buffers.
struct ChipBuffers {
  SramBuffer& input;
  SramBuffer& weight;
  SramBuffer& accumulator;

  SramBuffer& of(Unit unit) const {
    return unit == Unit::kSramInput ? input : unit == Unit::kSramWeight ? weight : accumulator;
  }
};

}  // namespace mxsim
