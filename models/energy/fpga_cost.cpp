#include "models/energy/fpga_cost.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace mxsim {
namespace {

constexpr int kWidestElement = 8;
constexpr int kWidestExponent = 5;

double stages(std::int64_t values) {
  return std::bit_width(static_cast<std::uint64_t>(values - 1));
}

bool is_supported(const OperandElement& element) {
  return element.bits >= 2 && element.bits <= kWidestElement &&
         element.exponent_bits <= kWidestExponent;
}

/// One scale for a tensor or a channel leaves sums of integers.
bool has_block_scale(const FormatSpec& format) {
  const auto part = [](std::int64_t extent) { return extent != kWholeAxis && extent > 1; };
  return format.scale && (part(format.default_block.rows) || part(format.default_block.cols));
}

}  // namespace

std::optional<FpgaMac> fpga_mac(const OperandElement& a, const OperandElement& b,
                                std::int64_t sum_bits) {
  if (!is_supported(a) || !is_supported(b) || sum_bits > kMostFpgaSumBits) return std::nullopt;
  constexpr double kMultiplier = 1.19;    // a bit of one significand and one of the other
  constexpr double kAligner = 0.28;       // a bit of the aligned product and a stage
  constexpr double kDecoders = 13.2;      // hidden bits, exponents' sum and shift
  constexpr double kAccumulator = 0.901;  // a bit
  FpgaMac mac;
  mac.multiplier_luts = kMultiplier * a.significand_bits * b.significand_bits;
  mac.accumulator_luts = kAccumulator * static_cast<double>(sum_bits);
  const std::int64_t span = a.exponent_span + b.exponent_span;
  if (span > 0) {
    mac.aligner_luts = kDecoders + kAligner * (a.fixed_bits + b.fixed_bits) * stages(span + 1);
  }
  mac.flops = static_cast<double>(sum_bits);
  return mac;
}

double fpga_dsps(const OperandElement& a, const OperandElement& b) {
  constexpr int kFourProducts = 4;
  return std::max(a.significand_bits, b.significand_bits) <= kFourProducts ? 0.25 : 0.5;
}

std::int64_t block_rams(std::int64_t bits, std::int64_t word_bits) {
  constexpr std::int64_t kBits = 36864;
  constexpr std::int64_t kPort = 72;
  const auto whole = [](std::int64_t a, std::int64_t b) { return (a + b - 1) / b; };
  return std::max(whole(bits, kBits), whole(word_bits, kPort));
}

std::int64_t longest_sum(const OpList& ops) {
  std::int64_t terms = 1;
  for (const OpGroup& group : ops.groups) {
    for (const GemmWork& work : group.gemms) terms = std::max(terms, work.gemm_k());
  }
  return terms;
}

std::optional<FpgaCost> fpga_cost(const ArraySpec& array, const BufferSet& buffers,
                                  const std::vector<WorkFormats>& in_use, std::int64_t terms) {
  FpgaCost cost;
  const auto pes = static_cast<double>(array.pes());
  for (const WorkFormats& work : in_use) {
    if (has_block_scale(work.a) || has_block_scale(work.b)) return std::nullopt;
    const OperandElement a = operand_element(work.a);
    const OperandElement b = operand_element(work.b);
    const std::int64_t sum_bits = exact_sum_bits(a, b, terms);
    const std::optional<FpgaMac> mac = fpga_mac(a, b, sum_bits);
    if (!mac) return std::nullopt;
    cost.luts = std::max(cost.luts, pes * mac->luts());
    cost.flops = std::max(cost.flops, pes * mac->flops);
    cost.luts_with_dsps = std::max(cost.luts_with_dsps, pes * (mac->luts() - mac->multiplier_luts));
    cost.dsps = std::max(cost.dsps, pes * fpga_dsps(a, b));
    cost.sum_bits = std::max(cost.sum_bits, sum_bits);
  }
  for (const BuiltBuffer& buffer : built_buffers(buffers, buffer_contents(in_use, array))) {
    const std::int64_t banks = buffer.spec.banks * buffer.groups;
    const std::int64_t bits = buffer.spec.bytes.count() * 8 / std::max<std::int64_t>(1, banks);
    cost.block_rams += banks * block_rams(bits, buffer.word_bits);
  }
  return cost;
}

}  // namespace mxsim
