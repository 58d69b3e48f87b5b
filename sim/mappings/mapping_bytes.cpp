#include "sim/mappings/mapping_bytes.h"

#include <array>
#include <boost/archive/archive_exception.hpp>
#include <boost/archive/binary_iarchive.hpp>
#include <boost/archive/binary_oarchive.hpp>
#include <boost/serialization/array.hpp>
#include <boost/serialization/string.hpp>
#include <boost/serialization/vector.hpp>
#include <sstream>

#include "models/core/error.h"

namespace boost::serialization {

template <class Archive, class T>
void serialize(Archive& archive, std::optional<T>& value, unsigned) {
  bool there = value.has_value();
  archive& there;
  if (there && !value) value.emplace();
  if (there) archive&* value;
}

}  // namespace boost::serialization

namespace mxsim {

// Each takes its type apart as a whole: an added member is a compile error here.

template <class Archive, class Tag, class Rep>
void serialize(Archive& archive, Quantity<Tag, Rep>& s, unsigned) {
  Rep count = s.count();
  archive& count;
  s = Quantity<Tag, Rep>(count);
}

template <class Archive>
void serialize(Archive& archive, BlockShape& s, unsigned) {
  auto& [rows, cols] = s;
  archive& rows& cols;
}

template <class Archive>
void serialize(Archive& archive, BinadeRange& s, unsigned) {
  auto& [lowest, highest, mantissa, end, repeated] = s;
  archive& lowest& highest& mantissa& end& repeated;
}

template <class Archive>
void serialize(Archive& archive, NumberSpec& s, unsigned) {
  auto& [bits, sign, binades, smallest, largest, specials, overflow, subnormals] = s;
  archive& bits& sign& binades& smallest& largest& specials& overflow& subnormals;
}

template <class Archive>
void serialize(Archive& archive, SubBlockOffsets& s, unsigned) {
  auto& [shape, bits] = s;
  archive& shape& bits;
}

template <class Archive>
void serialize(Archive& archive, FormatSpec& s, unsigned) {
  auto& [name, element_bits, scale_bits, element, scale, zero_point, tensor_scale, offsets, block,
         fixed_block, rule, statistic, nan_policy, rounding, hadamard] = s;
  archive& name& element_bits& scale_bits& element& scale& zero_point& tensor_scale& offsets& block&
      fixed_block& rule& statistic& nan_policy& rounding& hadamard;
}

template <class Archive>
void serialize(Archive& archive, DataLayout& s, unsigned) {
  auto& [format, block] = s;
  archive& format& block;
}

template <class Archive>
void serialize(Archive& archive, DramTile& s, unsigned) {
  auto& [rows, cols, scales] = s;
  archive& rows& cols& scales;
}

template <class Archive>
void serialize(Archive& archive, StoredTensor& s, unsigned) {
  auto& [name, role, rows, cols, layout, first_row, value_rows, passing, lasting, tail_of, tile] =
      s;
  archive& name& role& rows& cols& layout& first_row& value_rows& passing& lasting& tail_of& tile;
}

template <class Archive>
void serialize(Archive& archive, WindowAxis& s, unsigned) {
  auto& [in, out, taps, stride, dilation, pad, kernel, tap_start, tap_step, out_step, out_start] =
      s;
  archive& in& out& taps& stride& dilation& pad& kernel& tap_start& tap_step& out_step& out_start;
}

template <class Archive>
void serialize(Archive& archive, GemmWork& s, unsigned) {
  auto& [kind, batch, images, h, w, channels, n, groups, packed, a_groups, b_groups, result_groups,
         a_images, b_images, result_images, a, b, b_orientation, format_a, format_b, block_a,
         block_b, first_row, first_matrix, first_product, product_count, role_a, role_b, zeros_a,
         zeros_b] = s;
  archive& kind& batch& images& h& w& channels& n& groups& packed& a_groups& b_groups&
      result_groups& a_images& b_images& result_images& a& b& b_orientation& format_a& format_b&
          block_a& block_b& first_row& first_matrix& first_product& product_count& role_a& role_b&
              zeros_a& zeros_b;
}

template <class Archive>
void serialize(Archive& archive, VectorOps& s, unsigned) {
  auto& [op, per_element, per_row] = s;
  archive& op& per_element& per_row;
}

template <class Archive>
void serialize(Archive& archive, GridSize& s, unsigned) {
  auto& [height, width] = s;
  archive& height& width;
}

template <class Archive>
void serialize(Archive& archive, SearchKey::Use& s, unsigned) {
  auto& [tensor, place] = s;
  archive& tensor& place;
}

template <class Archive>
void serialize(Archive& archive, SearchKey& s, unsigned) {
  auto& [pass, grid, work, vector_ops, tensors, reads, writes, encodings] = s;
  archive& pass& grid& work& vector_ops& tensors& reads& writes& encodings;
}

template <class Archive>
void serialize(Archive& archive, ArrayGrid& s, unsigned) {
  auto& [rows, cols] = s;
  archive& rows& cols;
}

template <class Archive>
void serialize(Archive& archive, DotProductWidth& s, unsigned) {
  auto& [significand_bits, width] = s;
  archive& significand_bits& width;
}

template <class Archive>
void serialize(Archive& archive, PerPass<Dataflow>& s, unsigned) {
  auto& [forward, backward_data, backward_weight] = s;
  archive& forward& backward_data& backward_weight;
}

template <class Archive>
void serialize(Archive& archive, SumFormat& s, unsigned) {
  auto& [accumulator, bits, chunk] = s;
  archive& accumulator& bits& chunk;
}

template <class Archive>
void serialize(Archive& archive, SumOfFormats& s, unsigned) {
  auto& [formats, sum] = s;
  archive& formats& sum;
}

template <class Archive>
void serialize(Archive& archive, ArraySpec& s, unsigned) {
  auto& [rows, cols, grid, dot_product, dataflow, accumulator, bits, chunk, sums, per_scale_unit,
         latency, buffering, timing, gating] = s;
  archive& rows& cols& grid& dot_product& dataflow& accumulator& bits& chunk& sums& per_scale_unit&
      latency& buffering& timing& gating;
}

template <class Archive>
void serialize(Archive& archive, VectorSpec& s, unsigned) {
  auto& [lanes, slow_op_cycles, latency] = s;
  archive& lanes& slow_op_cycles& latency;
}

template <class Archive>
void serialize(Archive& archive, DmaSpec& s, unsigned) {
  auto& [bytes_per_cycle, setup_cycles, outstanding] = s;
  archive& bytes_per_cycle& setup_cycles& outstanding;
}

template <class Archive>
void serialize(Archive& archive, RequantSpec& s, unsigned) {
  auto& [lanes, latency] = s;
  archive& lanes& latency;
}

template <class Archive>
void serialize(Archive& archive, DramOrganisation& s, unsigned) {
  auto& [channels, pseudo_channels, ranks, bank_groups, banks, rows, bursts, burst_bytes] = s;
  archive& channels& pseudo_channels& ranks& bank_groups& banks& rows& bursts& burst_bytes;
}

template <class Archive>
void serialize(Archive& archive, CommandSpec& s, unsigned) {
  auto& [bus_cycles, bus] = s;
  archive& bus_cycles& bus;
}

template <class Archive>
void serialize(Archive& archive, TimingRule& s, unsigned) {
  auto& [level, scope, preceding, following, cycles, window] = s;
  archive& level& scope& preceding& following& cycles& window;
}

template <class Archive>
void serialize(Archive& archive, RefreshSpec& s, unsigned) {
  auto& [mode, interval_cycles] = s;
  archive& mode& interval_cycles;
}

template <class Archive>
void serialize(Archive& archive, PowerDownSpec& s, unsigned) {
  auto& [mode, idle_cycles] = s;
  archive& mode& idle_cycles;
}

template <class Archive>
void serialize(Archive& archive, AddressSlice& s, unsigned) {
  auto& [field, bits] = s;
  archive& field& bits;
}

template <class Archive>
void serialize(Archive& archive, AddressBit& s, unsigned) {
  auto& [field, bit] = s;
  archive& field& bit;
}

template <class Archive>
void serialize(Archive& archive, IdealTiming& s, unsigned) {
  auto& [bytes_per_cycle, latency_cycles] = s;
  archive& bytes_per_cycle& latency_cycles;
}

/// Without name, energy and assumptions: what costs energy is among the mapping's prices.
template <class Archive>
void serialize(Archive& archive, DramDevice& s, unsigned) {
  [[maybe_unused]] auto& [name, clock_hz, organisation, ideal, commands, read_latency,
                          write_latency, burst_cycles, rules, refresh, page_policy, page_timeout,
                          power_down, address_map, channel_hash, bank_hash, energy, assumptions] =
      s;
  archive& clock_hz& organisation& ideal& commands& read_latency& write_latency& burst_cycles&
      rules& refresh& page_policy& page_timeout& power_down& address_map& channel_hash& bank_hash;
}

template <class Archive>
void serialize(Archive& archive, SequencerSpec& s, unsigned) {
  auto& [issue_cycles] = s;
  archive& issue_cycles;
}

template <class Archive>
void serialize(Archive& archive, ChipAround& s, unsigned) {
  auto& [clock_hz, dma, requant, dram, sequencer] = s;
  archive& clock_hz& dma& requant& dram& sequencer;
}

template <class Archive>
void serialize(Archive& archive, PostProcessor& s, unsigned) {
  auto& [elements_per_cycle, stages] = s;
  archive& elements_per_cycle& stages;
}

template <class Archive>
void serialize(Archive& archive, DramCompression& s, unsigned) {
  auto& [weights, activations, gradients] = s;
  archive& weights& activations& gradients;
}

template <class Archive>
void serialize(Archive& archive, UnrollingSpec& s, unsigned) {
  auto& [reduction] = s;
  archive& reduction;
}

template <class Archive>
void serialize(Archive& archive, MappingPrices& s, unsigned) {
  auto& [dram_byte, input_word, weight_word, transposed_byte, multicast_byte, accumulator_read,
         accumulator_write, block_end, cycle] = s;
  archive& dram_byte& input_word& weight_word& transposed_byte& multicast_byte& accumulator_read&
      accumulator_write& block_end& cycle;
}

template <class Archive>
void serialize(Archive& archive, MappingGoal& s, unsigned) {
  auto& [objective, prices] = s;
  archive& objective& prices;
}

template <class Archive>
void serialize(Archive& archive, GemmTiling& s, unsigned) {
  auto& [images, h, w, channels, n, order, taps] = s;
  archive& images& h& w& channels& n& order& taps;
}

template <class Archive>
void serialize(Archive& archive, MappingTraffic& s, unsigned) {
  auto& [left, right, partial_sums, streamed, results] = s;
  archive& left& right& partial_sums& streamed& results;
}

template <class Archive>
void serialize(Archive& archive, OnChipMoves& s, unsigned) {
  auto& [read, written] = s;
  archive& read& written;
}

template <class Archive>
void serialize(Archive& archive, MappingCost& s, unsigned) {
  auto& [traffic, on_chip, array, dram, channel, vector, dma, slot, start, end, cycles, sram_pj,
         energy_pj, tiles] = s;
  archive& traffic& on_chip& array& dram& channel& vector& dma& slot& start& end& cycles& sram_pj&
      energy_pj& tiles;
}

template <class Archive>
void serialize(Archive& archive, GemmMapping& s, unsigned) {
  auto& [tiling, cost, predicted] = s;
  archive& tiling& cost& predicted;
}

namespace {

constexpr unsigned kFlags = boost::archive::no_header;
using Output = boost::archive::binary_oarchive;

void add(Output& archive, const SramGeometry& buffer) {
  struct Members {  // as many as it has
    std::int64_t counts[5];
    Bytes slot;
    TransposedRead read;
    std::optional<std::size_t> shared;
  };
  static_assert(sizeof(SramGeometry) == sizeof(Members), "a member that is not among the bytes");
  const std::array<std::int64_t, 6> counts{buffer.word_bits(), buffer.slots(),
                                           buffer.groups(),    buffer.banks(),
                                           buffer.ports(),     buffer.slot_bytes().count()};
  const TransposedRead read = buffer.transposed_read();
  const std::optional<std::size_t> shared = buffer.shared_ports();
  archive << counts << read << shared;
}

void add(Output& archive, const std::optional<SramGeometry>& buffer) {
  const bool there = buffer.has_value();
  archive << there;
  if (there) add(archive, *buffer);
}

}  // namespace

std::string search_bytes(const MapperChip& chip, const SearchKey& key) {
  // The memo of window pieces decides nothing.
  [[maybe_unused]] const auto& [array, input, weight, accumulator, vector, burst, bandwidth, goal,
                                gradient, around, pieces, stream, post_processor, compression,
                                unrolling] = chip;
  std::ostringstream text;
  Output archive(text, kFlags);
  archive << key << array << vector << burst << bandwidth << goal << around << post_processor
          << compression << unrolling;
  for (const SramGeometry* buffer : {&input, &weight, &accumulator}) add(archive, *buffer);
  add(archive, gradient);
  add(archive, stream);
  return text.str();
}

std::string mapping_bytes(const GemmMapping& mapping) {
  std::ostringstream text;
  Output(text, kFlags) << mapping;
  return text.str();
}

std::optional<GemmMapping> mapping_of(const std::string& bytes) {
  std::istringstream text(bytes);
  GemmMapping mapping;
  try {
    boost::archive::binary_iarchive(text, kFlags) >> mapping;
  } catch (const boost::archive::archive_exception&) {
    return std::nullopt;
  }
  if (text.peek() != std::istringstream::traits_type::eof()) return std::nullopt;
  return mapping;
}

}  // namespace mxsim
