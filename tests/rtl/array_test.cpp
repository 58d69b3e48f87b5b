#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <random>

#include "Varray_bench.h"
#include "models/arithmetic/mac.h"
#include "models/arithmetic/operand_decoder.h"
#include "models/arithmetic/tile_kernel.h"
#include "models/dataflow/closed_form.h"
#include "models/formats/format_parser.h"
#include "tests/rtl/rtl_formats.h"

namespace mxsim {
namespace {

/// An array of the bench and a GEMM of several passes on it: M vectors past `passes` sets of
/// weights.
struct Work {
  std::int64_t rows;
  std::int64_t cols;
  FormatSpec format;
  std::int64_t m;
  std::int64_t passes;
  std::vector<ArrayOperand> a;  ///< m x (passes * rows)
  std::vector<ArrayOperand> b;  ///< (passes * rows) x cols

  std::int64_t k() const { return passes * rows; }
  ArraySpec spec() const {
    ArraySpec spec;
    spec.rows = rows;
    spec.cols = cols;
    return spec;
  }
  ArrayCommand command() const {
    ArrayCommand command;
    command.m = m;
    command.n = cols;
    command.k = k();
    return command;
  }
};

std::uint8_t scale_code(float scale) { return static_cast<std::uint8_t>(std::ilogb(scale) + 127); }

Work drawn_work(bool mxsf, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  Work work{mxsf ? 5 : 3,
            mxsf ? 3 : 4,
            mxsf ? in_blocks(rtl_formats()[0]) : parse_format("bf16"),
            0,
            0,
            {},
            {}};
  // A pass streams long enough to hide the load behind it.
  work.m = 2 * work.rows + work.cols + static_cast<std::int64_t>(random() % 5);
  work.passes = 1 + static_cast<std::int64_t>(random() % 3);
  const auto operand = [&] {
    const float scale = mxsf ? std::ldexp(1.0F, static_cast<int>(random() % 13) - 6) : 1.0F;
    std::uint32_t code = static_cast<std::uint32_t>(random() % (mxsf ? 256 : 65536));
    if (!mxsf && random() % 50 != 0) code = (code & 0x80ff) | (0x3c00 + (code & 0x0700));
    return ArrayOperand{code, scale};
  };
  for (std::int64_t i = 0; i < work.m * work.k(); ++i) work.a.push_back(operand());
  for (std::int64_t i = 0; i < work.k() * work.cols; ++i) work.b.push_back(operand());
  return work;
}

/// Drives one array: weights of pass p + 1 go in while pass p streams, passes follow one another.
class ArrayDriver {
 public:
  explicit ArrayDriver(const Work& work)
      : work_(work), sums_(static_cast<std::size_t>(work.m * work.cols)), taken_(work.cols) {}

  /// Cycles from the first load to the last sum, both counted.
  std::int64_t run() {
    const std::int64_t stream = work_.passes * work_.m;
    const std::int64_t last = work_.rows + stream + work_.rows + work_.cols - 2;
    for (std::int64_t cycle = 0; !is_done(); ++cycle) {
      EXPECT_LE(cycle, last) << "sums are missing";
      if (cycle > last) break;
      drive(cycle - work_.rows);
      bench_.clk = 0;
      bench_.eval();
      bench_.clk = 1;
      bench_.eval();
      take();
      cycles_ = cycle + 1;
    }
    return cycles_;
  }

  const std::vector<float>& sums() const { return sums_; }

 private:
  bool is_mxsf() const { return work_.format.scale.has_value(); }
  bool is_done() const {
    return std::ranges::all_of(taken_, [&](auto n) { return n == work_.passes * work_.m; });
  }

  /// `t` counts from the first vector.
  void drive(std::int64_t t) {
    const bool streams = t >= 0 && t < work_.passes * work_.m;
    const std::int64_t pass = streams ? t / work_.m : 0;
    const std::int64_t m = streams ? t % work_.m : 0;
    bench_.valid = streams;
    bench_.swap = streams && m == 0;
    for (std::int64_t i = 0; streams && i < work_.rows; ++i) {
      const ArrayOperand& operand =
          work_.a[static_cast<std::size_t>(m * work_.k() + pass * work_.rows + i)];
      bench_.a[i] = static_cast<std::uint16_t>(operand.code);
      bench_.a_scales[i] = scale_code(operand.scale);
    }
    load(t);
  }

  /// The first pass's weights before it, those of a later one in the last cycles of the one before.
  void load(std::int64_t t) {
    const std::int64_t next = t < 0 ? 0 : t / work_.m + 1;
    const std::int64_t row = t < 0 ? -1 - t : work_.m - 1 - t % work_.m;
    bench_.load = next < work_.passes && row < work_.rows;
    for (std::int64_t j = 0; bench_.load != 0 && j < work_.cols; ++j) {
      const ArrayOperand& weight =
          work_.b[static_cast<std::size_t>((next * work_.rows + row) * work_.cols + j)];
      bench_.weights[j] = static_cast<std::uint16_t>(weight.code);
      bench_.weight_scales[j] = scale_code(weight.scale);
    }
  }

  /// Results of a pass are added to those of the passes before, as in the accumulator buffer.
  void take() {
    for (std::int64_t j = 0; j < work_.cols; ++j) {
      const unsigned valid = is_mxsf() ? bench_.mxsf_valid : bench_.bf16_valid;
      if ((valid >> j & 1) == 0) continue;
      const auto sum = std::bit_cast<float>(is_mxsf() ? bench_.mxsf_sums[j] : bench_.bf16_sums[j]);
      std::int64_t& taken = taken_[static_cast<std::size_t>(j)];
      float& target = sums_[static_cast<std::size_t>(taken % work_.m * work_.cols + j)];
      target = taken < work_.m ? stored(sum) : stored(add_sums(Accumulator::kFp32, target, sum));
      ++taken;
    }
  }

  const Work& work_;
  Varray_bench bench_;
  std::vector<float> sums_;
  std::vector<std::int64_t> taken_;
  std::int64_t cycles_ = 0;
};

void check(const Work& work) {
  const OperandDecoder decoder(work.format);
  std::vector<float> expected(static_cast<std::size_t>(work.m * work.cols));
  compute_tile(work.spec(), work.command(), {work.a, work.b, expected, &decoder, &decoder});
  ArrayDriver driver(work);
  EXPECT_EQ(closed_form(work.spec(), work.command()).cycles.count(), driver.run())
      << work.m << " vectors, " << work.passes << " passes";
  for (std::size_t i = 0; i < expected.size(); ++i) {
    ASSERT_EQ(std::bit_cast<std::uint32_t>(expected[i]),
              std::bit_cast<std::uint32_t>(driver.sums()[i]))
        << "result " << i;
  }
}

TEST(SystolicArray, MultipliesMxsfInTheCyclesAndBitsOfTheModel) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) check(drawn_work(true, seed));
}

TEST(SystolicArray, MultipliesBf16InTheCyclesAndBitsOfTheModel) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) check(drawn_work(false, seed));
}

}  // namespace
}  // namespace mxsim
