#include "sim/memory/sram_buffer.h"

#include "models/core/error.h"

namespace mxsim {

SramBuffer::SramBuffer(const sc_core::sc_module_name& name, SramGeometry geometry,
                       EventCounts& counts)
    : sc_module(name), geometry_(geometry), counts_(counts) {}

Cycles SramBuffer::move(Bytes read, Bytes written) {
  count(geometry_.words(read), read, geometry_.words(written), written);
  return geometry_.transfer_cycles(read, written);
}

void SramBuffer::count(std::int64_t read_words, Bytes read, std::int64_t write_words,
                       Bytes written) {
  counts_.add(Event::kSramReads, static_cast<std::uint64_t>(read_words));
  counts_.add(Event::kSramReadBytes, static_cast<std::uint64_t>(read.count()));
  counts_.add(Event::kSramWrites, static_cast<std::uint64_t>(write_words));
  counts_.add(Event::kSramWriteBytes, static_cast<std::uint64_t>(written.count()));
}

void SramBuffer::count_transposed(Bytes read) {
  counts_.add(Event::kTransposedBytes, static_cast<std::uint64_t>(read.count()));
}

ChipBuffers::ChipBuffers(const MapperChip& chip, UnitCounts& counts)
    : ports_(std::make_unique<ChipPorts>(chip)) {
  const auto build = [&](Unit unit, const char* name) {
    buffers_[static_cast<std::size_t>(unit)] =
        std::make_unique<SramBuffer>(name, chip.buffer(unit), counts[unit]);
  };
  build(Unit::kSramInput, "input");
  build(Unit::kSramWeight, "weight");
  build(Unit::kSramAccumulator, "accumulator");
  if (chip.gradient) build(Unit::kSramGradient, "gradient");
  if (chip.stream) build(Unit::kSramStream, "stream");
}

SramBuffer& ChipBuffers::of(Unit unit) const {
  const auto& buffer = buffers_[static_cast<std::size_t>(unit)];
  ensure(buffer != nullptr, "a unit without a buffer");
  return *buffer;
}

}  // namespace mxsim
