#include "tests/support/array_case.h"

#include <fmt/format.h>

#include <bit>
#include <cmath>

#include "models/arithmetic/reference_gemm.h"
#include "models/arithmetic/tile_kernel.h"
#include "models/core/rng.h"
#include "models/dataflow/closed_form.h"
#include "models/dataflow/dataflow_table.h"
#include "models/formats/format_parser.h"
#include "sim/array/grid_engine.h"
#include "sim/config/choices.h"

namespace mxsim {
namespace {

float draw_float(std::uint64_t bits, int significand_bits) {
  if (bits % 17 == 0) return 0.0F;
  const auto significand = static_cast<float>((bits >> 8) % (1u << (significand_bits - 1)) +
                                              (1u << (significand_bits - 1)));
  const int exponent = static_cast<int>((bits >> 40) % 24) - 12 - significand_bits;
  return std::ldexp((bits >> 63) != 0 ? -significand : significand, exponent);
}

/// One operand matrix; `lines` elements share an index outside the reduction, k runs along it.
void draw_matrix(std::vector<ArrayOperand>& matrix, std::int64_t lines, std::int64_t k_count,
                 bool k_fastest, std::int64_t block, std::int64_t offset, OperandKind kind,
                 const CounterRng& rng) {
  matrix.assign(static_cast<std::size_t>(lines * k_count), {});
  for (std::int64_t line = 0; line < lines; ++line) {
    for (std::int64_t k = 0; k < k_count; ++k) {
      const auto at = static_cast<std::size_t>(k_fastest ? line * k_count + k : k * lines + line);
      const std::uint64_t bits = rng.bits(at);
      ArrayOperand& operand = matrix[at];
      if (kind != OperandKind::kBlocks) {
        operand.code =
            std::bit_cast<std::uint32_t>(draw_float(bits, kind == OperandKind::kShort ? 8 : 24));
        continue;
      }
      const auto block_index =
          static_cast<std::uint64_t>((offset + k) / std::max<std::int64_t>(block, 1));
      const auto scale_bits =
          rng.bits((1u << 20) + static_cast<std::uint64_t>(line) * 1024 + block_index);
      operand.code = static_cast<std::uint32_t>(bits % 256);
      operand.scale = std::ldexp(1.0F, static_cast<int>(scale_bits % 21) - 10);
    }
  }
}

}  // namespace

void ArrayCase::draw(OperandKind kind, std::uint64_t seed) {
  ReductionBlocks& blocks = command.blocks;
  if (kind == OperandKind::kBlocks) {
    decoder = OperandDecoder(parse_format("mxsf"));
  } else {
    blocks = {};
    decoder = {};
  }
  draw_matrix(a, command.m, command.k, true, blocks.a_length, blocks.offset, kind,
              CounterRng(seed, "a"));
  draw_matrix(b, command.n, command.k, false, blocks.b_length, blocks.offset, kind,
              CounterRng(seed, "b"));
  const CounterRng rng(seed, "c");
  c.clear();
  for (std::int64_t i = 0; i < command.m * command.n; ++i) {
    c.push_back(draw_float(rng.bits(static_cast<std::uint64_t>(i)), 24));
  }
}

std::string ArrayCase::text() const {
  return fmt::format(
      "{}x{} grid {}x{} {} latency {} {} {} of {} bits in chunks of {}: {} x {} x {} width {} "
      "interval {} load {}/{} blocks {}/{} from {} {}",
      spec.rows, spec.cols, spec.grid.rows, spec.grid.cols, info(command.dataflow).name,
      spec.mac_latency_cycles, choice_name(spec.weight_buffering, kWeightBufferingNames),
      choice_name(spec.accumulator, kAccumulatorNames), spec.accumulator_bits,
      spec.accumulator_chunk, command.m, command.n, command.k, command.width,
      command.interval.count(), command.load.work, command.load.per_step, command.blocks.a_length,
      command.blocks.b_length, command.blocks.offset,
      command.accumulate == Accumulate::kAdd ? "add" : "overwrite");
}

ArrayOutcome run_pe(const ArrayCase& test) {
  ArrayOutcome outcome{{}, test.c};
  std::vector<PeGrid> grids = make_grids(test.spec);
  GridEngine engine(test.spec, test.command, test.data(outcome.c), grids);
  while (!engine.done()) engine.step();
  outcome.cost = engine.cost();
  return outcome;
}

ArrayOutcome run_tile(const ArrayCase& test) {
  ArrayOutcome outcome{{}, test.c};
  const TileData data = test.data(outcome.c);
  outcome.cost = closed_form(test.spec, test.command, gated_macs(test.spec, test.command, data));
  compute_tile(test.spec, test.command, data);
  return outcome;
}

std::vector<float> reference_results(const ArrayCase& test) {
  std::vector<float> c = test.c;
  reference_gemm(test.spec, test.command, test.data(c));
  return c;
}

std::string difference(const ArrayCost& expected, const ArrayCost& actual) {
  std::string text;
  const auto compare = [&](std::string_view name, auto x, auto y) {
    if (x != y) text += fmt::format("{}: {} and {}; ", name, x, y);
  };
  compare("cycles", expected.cycles.count(), actual.cycles.count());
  compare("port_stall", expected.port_stall.count(), actual.port_stall.count());
  compare("unit_stall", expected.unit_stall.count(), actual.unit_stall.count());
  for (std::size_t i = 0; i < kEventCount; ++i) {
    const auto event = static_cast<Event>(i);
    compare(info(event).name, expected.counts[event], actual.counts[event]);
  }
  const ArrayTraffic& x = expected.traffic;
  const ArrayTraffic& y = actual.traffic;
  compare("a_read_words", x.a_read_words, y.a_read_words);
  compare("b_read_words", x.b_read_words, y.b_read_words);
  compare("c_read_words", x.c_read_words, y.c_read_words);
  compare("c_write_words", x.c_write_words, y.c_write_words);
  compare("a_read_bytes", x.a_read.count(), y.a_read.count());
  compare("b_read_bytes", x.b_read.count(), y.b_read.count());
  compare("c_read_bytes", x.c_read.count(), y.c_read.count());
  compare("c_write_bytes", x.c_write.count(), y.c_write.count());
  return text;
}

std::string difference(const std::vector<float>& expected, const std::vector<float>& actual) {
  if (expected.size() != actual.size()) return "numbers of results differ; ";
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (std::bit_cast<std::uint32_t>(expected[i]) != std::bit_cast<std::uint32_t>(actual[i])) {
      return fmt::format("result {}: {} and {}; ", i, expected[i], actual[i]);
    }
  }
  return "";
}

std::string compare_fidelities(const ArrayCase& test, const ClosedForm& closed_form) {
  const ArrayOutcome pe = run_pe(test);
  const ArrayOutcome tile = run_tile(test);
  const std::vector<float> reference = reference_results(test);
  std::vector<float> unused = test.c;
  const std::int64_t gated = gated_macs(test.spec, test.command, test.data(unused));
  std::string text = difference(closed_form(test.spec, test.command, gated), pe.cost);
  const auto append = [&](std::string_view pair, const std::string& found) {
    if (!found.empty()) text += fmt::format("{} {}", pair, found);
  };
  append("tile/pe", difference(tile.c, pe.c));
  append("reference/pe", difference(reference, pe.c));
  return text.empty() ? "" : test.text() + ": " + text;
}

}  // namespace mxsim
