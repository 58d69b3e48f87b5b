#include "tests/support/array_case.h"

#include <fmt/format.h>

#include <bit>
#include <cmath>

#include "models/arithmetic/reference_gemm.h"
#include "models/arithmetic/tile_kernel.h"
#include "models/core/rng.h"
#include "models/dataflow/closed_form.h"
#include "models/dataflow/dataflow_table.h"
#include "sim/array/array_engine.h"

namespace mxsim {
namespace {

float draw_float(std::uint64_t bits, int significand_bits) {
  if (bits % 17 == 0) return 0.0F;
  const auto significand = static_cast<float>((bits >> 8) % (1u << (significand_bits - 1)) +
                                              (1u << (significand_bits - 1)));
  const int exponent = static_cast<int>((bits >> 40) % 24) - 12 - significand_bits;
  return std::ldexp((bits >> 63) != 0 ? -significand : significand, exponent);
}

/// One operand matrix; `line` elements share an index outside the reduction, k runs along it.
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
        operand.value = draw_float(bits, kind == OperandKind::kShort ? 8 : 24);
        continue;
      }
      const auto block_index =
          static_cast<std::uint64_t>((offset + k) / std::max<std::int64_t>(block, 1));
      const auto scale_bits =
          rng.bits((1u << 20) + static_cast<std::uint64_t>(line) * 1024 + block_index);
      operand.fixed = static_cast<std::int32_t>(bits % 8065) - 4032;
      operand.scale = static_cast<std::int16_t>(static_cast<int>(scale_bits % 21) - 19);
      operand.value = std::ldexp(static_cast<float>(operand.fixed), operand.scale);
    }
  }
}

}  // namespace

void ArrayCase::draw(OperandKind kind, std::uint64_t seed) {
  const ReductionBlocks& blocks = command.blocks;
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
  return fmt::format("{}x{} {} latency {} {} {}: {} x {} x {} interval {} blocks {}/{} from {} {}",
                     spec.rows, spec.cols, info(command.dataflow).name, spec.mac_latency_cycles,
                     spec.weight_buffering == WeightBuffering::kDouble ? "double" : "single",
                     spec.accumulator == Accumulator::kFp32 ? "fp32" : "exact", command.m,
                     command.n, command.k, command.interval.count(), command.blocks.a_length,
                     command.blocks.b_length, command.blocks.offset,
                     command.accumulate == Accumulate::kAdd ? "add" : "overwrite");
}

ArrayOutcome run_pe(const ArrayCase& test) {
  ArrayOutcome outcome{{}, test.c};
  PeGrid grid(test.spec.rows, test.spec.cols, test.spec.mac_latency_cycles);
  const auto engine = make_engine(test.spec, test.command, test.data(outcome.c), grid);
  while (!engine->done()) engine->step();
  outcome.cost = engine->cost();
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
  std::string text = difference(closed_form(test.spec, test.command), pe.cost);
  const auto append = [&](std::string_view pair, const std::string& found) {
    if (!found.empty()) text += fmt::format("{} {}", pair, found);
  };
  append("tile/pe", difference(tile.c, pe.c));
  append("reference/pe", difference(reference, pe.c));
  return text.empty() ? "" : test.text() + ": " + text;
}

}  // namespace mxsim
