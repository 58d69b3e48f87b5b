#include "models/core/event.h"

namespace mxsim {
namespace {

constexpr std::array<EventInfo, kEventCount> kEvents{{
    {"mac", "operation", "multiply-accumulate performed by a PE"},
    {"mac_gated", "operation",
     "multiply-accumulate skipped because an operand is zero (zero gating on)"},
    {"block_accumulate", "operation", "exact block sum scaled and added to the accumulator"},
    {"pass", "pass", "use of the array without replacing its stationary operand or outputs"},
    {"pe_active_cycles", "PE-cycle", "PE with a multiply-accumulate in that cycle"},
    {"pe_idle_cycles", "PE-cycle", "PE without work while the array runs a command"},
    {"stationary_loads", "element", "operand written into a PE's stationary register"},
    {"stationary_moves", "element", "operand moved one PE down on its way to that register"},
    {"operand_a_reads", "element", "element of the left operand entering the array"},
    {"operand_b_reads", "element", "element of the right operand entering the array"},
    {"partial_sum_reads", "element", "accumulator value read to be added to"},
    {"partial_sum_writes", "element", "accumulator value written by the array"},
    {"multicast_bytes", "byte", "operand that an array of a grid takes from another one's read"},
    {"sram_reads", "word", "word of the buffer's width read"},
    {"sram_writes", "word", "word of the buffer's width written"},
    {"sram_read_bytes", "byte", "payload read from a buffer"},
    {"sram_write_bytes", "byte", "payload written to a buffer"},
    {"transposed_bytes", "byte",
     "payload turned by a transposer on its way to the array, or collected in patches of the "
     "re-quantizer"},
    {"dram_activates", "command", "row activation"},
    {"dram_precharges", "command", "precharge of one bank"},
    {"dram_reads", "command", "read burst"},
    {"dram_writes", "command", "write burst"},
    {"dram_refreshes", "command", "refresh of one rank"},
    {"dram_bank_refreshes", "command", "refresh of one bank"},
    {"dram_row_hits", "burst", "burst to a row that already served one since its activation"},
    {"dram_row_empty", "burst", "first burst of an activation that closed no other row"},
    {"dram_row_conflicts", "burst", "first burst of an activation that had to close another row"},
    {"dram_read_bytes", "byte", "data moved by read bursts, padding included"},
    {"dram_write_bytes", "byte", "data moved by write bursts, padding included"},
    {"dram_open_rank_cycles", "DRAM cycle", "rank powered up with a row open"},
    {"dram_closed_rank_cycles", "DRAM cycle", "rank powered up with no row open"},
    {"dram_open_down_cycles", "DRAM cycle", "rank powered down with a row open"},
    {"dram_closed_down_cycles", "DRAM cycle", "rank powered down with no row open"},
    {"dma_read_bytes", "byte", "payload brought from DRAM to a buffer"},
    {"dma_write_bytes", "byte", "payload taken from a buffer to DRAM"},
    {"vector_add", "operation", "FP32 addition or subtraction"},
    {"vector_mul", "operation", "FP32 multiplication"},
    {"vector_compare", "operation", "comparison, selection or mask"},
    {"vector_divide", "operation", "FP32 division"},
    {"vector_sqrt", "operation", "FP32 square root or reciprocal square root"},
    {"vector_exp", "operation", "FP32 exponential"},
    {"vector_log", "operation", "FP32 logarithm"},
    {"requant_max", "element", "element through the search for the block's largest exponent"},
    {"requant_encode", "element", "element encoded into a block format"},
    {"requant_decode", "element", "element decoded from a block format"},
    {"convert", "element", "element rounded to a format without block scale"},
    {"random_draws", "element",
     "random word: added to an element that is rounded stochastically, or drawn for dropout"},
    {"hadamard_adds", "operation", "FP32 addition or subtraction of a Hadamard transform"},
}};

static_assert(!kEvents.back().name.empty(), "every event has a row");

}  // namespace

const EventInfo& info(Event event) { return kEvents[static_cast<std::size_t>(event)]; }

EventCounts& EventCounts::operator+=(const EventCounts& other) {
  for (std::size_t i = 0; i < kEventCount; ++i) counts_[i] += other.counts_[i];
  return *this;
}

EventCounts EventCounts::since(const EventCounts& earlier) const {
  EventCounts difference;
  for (std::size_t i = 0; i < kEventCount; ++i) {
    difference.counts_[i] = counts_[i] - earlier.counts_[i];
  }
  return difference;
}

}  // namespace mxsim
