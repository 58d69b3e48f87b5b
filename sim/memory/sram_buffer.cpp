#include "sim/memory/sram_buffer.h"

namespace mxsim {

SramBuffer::SramBuffer(const sc_core::sc_module_name& name, SramGeometry geometry,
                       EventCounts& counts)
    : sc_module(name), geometry_(geometry), counts_(counts) {}

Cycles SramBuffer::move(Bytes read, Bytes written) {
  count(geometry_.words(read), read, geometry_.words(written), written);
  return geometry_.transfer_cycles(read) + geometry_.transfer_cycles(written);
}

void SramBuffer::count(std::int64_t read_words, Bytes read, std::int64_t write_words,
                       Bytes written) {
  counts_.add(Event::kSramReads, static_cast<std::uint64_t>(read_words));
  counts_.add(Event::kSramReadBytes, static_cast<std::uint64_t>(read.count()));
  counts_.add(Event::kSramWrites, static_cast<std::uint64_t>(write_words));
  counts_.add(Event::kSramWriteBytes, static_cast<std::uint64_t>(written.count()));
}

}  // namespace mxsim
