#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <map>
#include <random>

#include "Vmac_bench.h"
#include "models/arithmetic/operand_decoder.h"
#include "models/arithmetic/tile_kernel.h"
#include "models/formats/format_parser.h"
#include "tests/rtl/rtl_formats.h"

namespace mxsim {
namespace {

constexpr int kLanes = 4;

/// One cycle of operands: a code a lane and BF16 numbers.
struct Step {
  std::uint32_t a = 0;
  std::uint32_t b = 0;
  std::uint16_t a_bf16 = 0;
  std::uint16_t b_bf16 = 0;
};

/// A dot product in blocks of `block` steps; every block has a pair of E8M0 codes.
struct Sequence {
  std::vector<Step> steps;
  std::size_t block = 1;
  std::vector<std::uint8_t> a_scales;
  std::vector<std::uint8_t> b_scales;
};

/// The benches' own clock.
class MacBench {
 public:
  void run(const Sequence& sequence) {
    for (std::size_t k = 0; k < sequence.steps.size(); ++k) {
      const std::size_t block = k / sequence.block;
      const Step& step = sequence.steps[k];
      bench_.a_scale_in = sequence.a_scales[block];
      bench_.b_scale_in = sequence.b_scales[block];
      bench_.a_in = step.a;
      bench_.b_in = step.b;
      bench_.a_bf16_in = step.a_bf16;
      bench_.b_bf16_in = step.b_bf16;
      bench_.first_of_sum_in = k == 0;
      bench_.first_of_part_in = k % sequence.block == 0;
      bench_.valid_in = 1;
      cycle();
      if ((k + 1) % sequence.block == 0 || k + 1 == sequence.steps.size()) finish(block == 0);
    }
  }

  const Vmac_bench& outputs() const { return bench_; }

 private:
  /// Empties the PEs, then hands the part to the scale-and-add unit.
  void finish(bool first) {
    bench_.valid_in = 0;
    cycle();
    cycle();
    bench_.finish_in = 1;
    bench_.finish_first_in = first;
    cycle();
    bench_.finish_in = 0;
    cycle();
  }

  void cycle() {
    bench_.clk = 0;
    bench_.eval();
    bench_.clk = 1;
    bench_.eval();
  }

  Vmac_bench bench_;
};

/// The same dot product by models/arithmetic.
class Arithmetic {
 public:
  Arithmetic() {
    for (const NumberSpec& number : rtl_formats()) {
      formats_.push_back(in_blocks(number));
      decoders_.emplace_back(formats_.back());
    }
  }

  std::size_t count() const { return formats_.size(); }
  bool is_exact(std::size_t f) const { return has_exact_view(formats_[f]); }
  /// The most negative code of an integer has a bit more than the others.
  std::int64_t product_bits(std::size_t f) const {
    const NumberSpec& number = formats_[f].element;
    return 2 * (number.fixed_bits() + (number.sign == SignCoding::kTwosComplement ? 1 : 0));
  }

  std::vector<ArrayOperand> operands(const Sequence& sequence, std::size_t f, bool right,
                                     int lanes) const {
    std::vector<ArrayOperand> result;
    const std::uint32_t mask = (1u << formats_[f].element_bits) - 1;
    for (std::size_t k = 0; k < sequence.steps.size(); ++k) {
      const std::size_t block = k / sequence.block;
      const std::uint8_t code = right ? sequence.b_scales[block] : sequence.a_scales[block];
      const float scale =
          code == 255 ? std::numeric_limits<float>::quiet_NaN() : std::ldexp(1.0F, code - 127);
      const std::uint32_t codes = right ? sequence.steps[k].b : sequence.steps[k].a;
      for (int lane = 0; lane < lanes; ++lane) {
        result.push_back({codes >> (8 * lane) & mask, scale});
      }
    }
    return result;
  }

  std::uint32_t sum(const Sequence& sequence, SumFormat sum_format, std::size_t f, std::size_t g,
                    int lanes, std::int64_t width) const {
    const std::vector<ArrayOperand> a = operands(sequence, f, false, lanes);
    const std::vector<ArrayOperand> b = operands(sequence, g, true, lanes);
    const auto block = static_cast<std::int64_t>(sequence.block) * lanes;
    const bool exact = is_exact(f) && is_exact(g);
    return multiply(sum_format, a, b, decoders_[f], decoders_[g], exact ? block : 0, width);
  }

  std::uint32_t bf16(const Sequence& sequence, SumFormat sum_format) const {
    static const OperandDecoder kDecoder(parse_format("bf16"));
    std::vector<ArrayOperand> a;
    std::vector<ArrayOperand> b;
    for (const Step& step : sequence.steps) {
      a.push_back({step.a_bf16, 1.0F});
      b.push_back({step.b_bf16, 1.0F});
    }
    return multiply(sum_format, a, b, kDecoder, kDecoder, 0, 1);
  }

 private:
  static std::uint32_t multiply(SumFormat sum_format, const std::vector<ArrayOperand>& a,
                                const std::vector<ArrayOperand>& b, const OperandDecoder& a_decoder,
                                const OperandDecoder& b_decoder, std::int64_t block,
                                std::int64_t width) {
    ArrayCommand command;
    command.dataflow = Dataflow::kOutputStationary;  // one pass, however long
    command.k = static_cast<std::int64_t>(a.size());
    command.blocks = {block, block, 0};
    command.sum = sum_format;
    command.width = width;
    std::vector<float> c(1);
    compute_tile(ArraySpec{}, command, {a, b, c, &a_decoder, &b_decoder});
    return std::bit_cast<std::uint32_t>(c[0]);
  }

  std::vector<FormatSpec> formats_;
  std::vector<OperandDecoder> decoders_;
};

// Which formats mac_bench.sv gives these accumulators: bit f for format f.
constexpr std::uint32_t kStaged = 0x5;
constexpr std::uint32_t kBf16 = 0x107;
constexpr std::uint32_t kMixed = 0x81181;
constexpr std::uint32_t kFixed = 0x103;
constexpr std::uint32_t kVector = 0x183;
bool has(std::uint32_t set, std::size_t f) { return (set >> f & 1) != 0; }

constexpr SumFormat kFp32Sum{Accumulator::kFp32, 0, 0};
constexpr SumFormat kBf16Sum{Accumulator::kBf16, 0, 0};
constexpr SumFormat kBlockSum{Accumulator::kExactBlock, 0, 0};

/// How many results were NaN, infinite, zero, subnormal and normal.
using Kinds = std::map<int, int>;

class Comparison {
 public:
  void check(const Sequence& sequence) {
    bench_.run(sequence);
    const Vmac_bench& out = bench_.outputs();
    for (const IData bits : out.fp32_sums) ++kinds_[std::fpclassify(std::bit_cast<float>(bits))];
    ++bf16_kinds_[std::fpclassify(std::bit_cast<float>(out.bf16_pe_sum))];
    for (std::size_t f = 0; f < arithmetic_.count(); ++f) {
      ASSERT_NO_FATAL_FAILURE(check_rounded(sequence, f));
      if (!arithmetic_.is_exact(f)) continue;
      ASSERT_NO_FATAL_FAILURE(check_exact(sequence, f));
    }
    ASSERT_EQ(arithmetic_.bf16(sequence, kFp32Sum), out.bf16_pe_sum);
    ASSERT_EQ(arithmetic_.bf16(sequence, kFp32Sum), out.bf16_pe_staged_sum);
    ASSERT_EQ(arithmetic_.bf16(sequence, kBf16Sum) >> 16, out.bf16_pe_bf16_sum);
    constexpr std::size_t kInt8 = 8;
    ASSERT_EQ(arithmetic_.sum(sequence, {Accumulator::kFixed, 32, 0}, kInt8, kInt8, 1, 1),
              out.int32_sum);
  }

  const Kinds& kinds() const { return kinds_; }
  const Kinds& bf16_kinds() const { return bf16_kinds_; }

 private:
  void check_rounded(const Sequence& sequence, std::size_t f) {
    const Vmac_bench& out = bench_.outputs();
    const std::uint32_t fp32 = arithmetic_.sum(sequence, kFp32Sum, f, f, 1, 1);
    ASSERT_EQ(fp32, out.fp32_sums[f]) << "fp32, format " << f;
    if (has(kStaged, f)) {
      ASSERT_EQ(fp32, out.staged_sums[f]) << "two stages, format " << f;
    }
    if (has(kBf16, f)) {
      ASSERT_EQ(arithmetic_.sum(sequence, kBf16Sum, f, f, 1, 1), out.bf16_sums[f])
          << "bf16, format " << f;
    }
    if (has(kMixed, f)) {
      const std::size_t next = (f + 1) % arithmetic_.count();
      ASSERT_EQ(arithmetic_.sum(sequence, kFp32Sum, f, next, 1, 1), out.mixed_sums[f])
          << "fp32, formats " << f << " and " << next;
    }
  }

  void check_exact(const Sequence& sequence, std::size_t f) {
    const Vmac_bench& out = bench_.outputs();
    ASSERT_EQ(arithmetic_.sum(sequence, kBlockSum, f, f, 1, 1), out.block_sums[f])
        << "exact block, format " << f;
    if (has(kFixed, f)) {
      const SumFormat saturating{Accumulator::kFixed, arithmetic_.product_bits(f) + 2, 0};
      ASSERT_EQ(arithmetic_.sum(sequence, saturating, f, f, 1, 1), out.fixed_sums[f])
          << "saturating, format " << f;
    }
    if (has(kVector, f)) check_vector(sequence, f);
  }

  void check_vector(const Sequence& sequence, std::size_t f) {
    const Vmac_bench& out = bench_.outputs();
    ASSERT_EQ(arithmetic_.sum(sequence, kBlockSum, f, f, kLanes, 1), out.vector_sums[f])
        << "exact block of vectors, format " << f;
    if (sequence.block > 1) return;  // every vector enters the rounding accumulator by itself
    ASSERT_EQ(arithmetic_.sum(sequence, kFp32Sum, f, f, kLanes, kLanes), out.vector_sums[f])
        << "vectors rounded to fp32, format " << f;
    ASSERT_EQ(arithmetic_.sum(sequence, kBf16Sum, f, f, kLanes, kLanes), out.vector_bf16_sums[f])
        << "vectors rounded to bf16, format " << f;
  }

  MacBench bench_;
  Arithmetic arithmetic_;
  Kinds kinds_;
  Kinds bf16_kinds_;
};

/// Scales stay in 12 .. 220, where every element of every format times its scale is a binary32
/// number, apart from NaN.
class Drawer {
 public:
  explicit Drawer(std::uint64_t seed) : random_(seed) {}

  Sequence sequence() {
    Sequence sequence;
    sequence.block = pick({1, 1, 2, 7, 8, 32});
    const std::size_t length = 1 + below(48);
    // Products of moderate size, below the subnormal numbers' last bit, among them, near overflow.
    const std::size_t product = pick({254, 254, 60, 100, 110, 128, 370, 376, 430});
    for (std::size_t start = 0; start < length; start += sequence.block) {
      const std::size_t total = product + below(13) - 6;
      const std::size_t lowest = total > 232 ? total - 220 : 12;
      const std::size_t highest = std::min<std::size_t>(220, total - 12);
      const std::size_t a = lowest + below(highest - lowest + 1);
      sequence.a_scales.push_back(poisoned(a));
      sequence.b_scales.push_back(poisoned(total - a));
    }
    const std::size_t base = pick({127, 127, 127, 50, 60, 64, 67, 189, 191, 0, 255});
    for (std::size_t k = 0; k < length; ++k) sequence.steps.push_back(step(sequence, base));
    return sequence;
  }

 private:
  std::size_t below(std::size_t limit) { return random_() % limit; }
  std::size_t pick(std::initializer_list<std::size_t> values) {
    return values.begin()[below(values.size())];
  }
  std::uint8_t poisoned(std::size_t scale) {
    return static_cast<std::uint8_t>(below(300) == 0 ? 255 : scale);
  }

  /// Sometimes the last step with the opposite sign: sums cancel.
  Step step(const Sequence& sequence, std::size_t base) {
    if (!sequence.steps.empty() && below(4) == 0) {
      Step last = sequence.steps.back();
      last.a ^= 0x80808080;
      last.a_bf16 ^= 0x8000;
      return last;
    }
    return {static_cast<std::uint32_t>(random_()), static_cast<std::uint32_t>(random_()),
            bf16(base), bf16(base)};
  }

  std::uint16_t bf16(std::size_t base) {
    const std::size_t exponent = below(40) == 0 ? pick({0, 255}) : base + below(13) - 6;
    return static_cast<std::uint16_t>((random_() & 0x807f) | (exponent & 255) << 7);
  }

  std::mt19937_64 random_;
};

void check_drawn(std::uint64_t seed, int sequences) {
  Comparison comparison;
  Drawer drawer(seed);
  for (int i = 0; i < sequences; ++i) {
    ASSERT_NO_FATAL_FAILURE(comparison.check(drawer.sequence())) << "sequence " << i;
  }
  for (const int kind : {FP_NAN, FP_INFINITE, FP_ZERO, FP_SUBNORMAL, FP_NORMAL}) {
    EXPECT_GT(comparison.kinds().at(kind), 100) << kind;
    EXPECT_GT(comparison.bf16_kinds().at(kind), 10) << kind;
  }
}

TEST(Mac, SumsDrawnDotProductsOfEveryFormatAndAccumulatorAsArithmeticDoes) { check_drawn(1, 1500); }

TEST(LongMac, SumsDrawnDotProductsOfEveryFormatAndAccumulatorAsArithmeticDoes) {
  check_drawn(2, 200000);
}

}  // namespace
}  // namespace mxsim
