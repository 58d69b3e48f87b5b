// Bytes that pass the re-quantizer's patches in a training step, in both fidelities, against the
// elements of the linear layers.
//
// Y = X W sums along the rows of X (its blocks end with a row) and down the columns of W; dW = X^T
// dY down the columns of both; dX = dY W^T along the rows of both. The one copy that
// requantize-on-load stores is that of the first GEMM to read it: Y for X and W, dW for dY. An
// operand that is stored otherwise and summed down its columns passes a patch, 2 bytes an element.
#include <gtest/gtest.h>

#include "models/formats/format_table.h"
#include "models/workload/lower.h"
#include "tests/support/dram_devices.h"
#include "tests/support/same_fidelities.h"
#include "tests/support/small_graphs.h"
#include "tests/support/tiny_chip.h"

namespace mxsim {
namespace {

constexpr std::int64_t kTokens = 64;
constexpr std::int64_t kElements = 2;  ///< bytes of BF16

std::uint64_t patch_bytes(TransposePolicy transpose) {
  LoweringPolicy policy;
  policy.batch = kTokens;
  policy.wide = parse_format("bf16");
  policy.formats.format = parse_format("mxfp8_e4m3");
  policy.formats.transpose = transpose;
  policy.formats.input = InputForm::kOperand;
  const OpList ops = lower(mlp({32, 64, 96}), policy);
  // Every operand fits its buffer and is loaded once for each GEMM that reads it.
  ChipConfig chip = testing::tiny_chip();
  chip.buffers = separate_buffers({Bytes(65536), 4, 8}, {Bytes(65536), 4, 8}, {Bytes(65536), 4, 8});
  const DramDevice dram = testing::sample_devices().front();
  const SimulationResult result = testing::expect_same_fidelities({ops, chip, dram});
  return result.counts[Unit::kRequant][Event::kTransposedBytes];
}

TEST(RequantPatches, TakeWhatIsLoadedForSumsDownItsColumns) {
  constexpr std::int64_t kX1 = kTokens * 32;
  constexpr std::int64_t kX2 = kTokens * 64;
  constexpr std::int64_t kD1 = kTokens * 64;
  constexpr std::int64_t kD2 = kTokens * 96;
  constexpr std::int64_t kWeights = 32 * 64 + 64 * 96;
  EXPECT_EQ(patch_bytes(TransposePolicy::kRequantizeOnLoad), kElements * (kX1 + kX2));
  // BF16 copies pass for every such sum: X and dY for dW, W for Y.
  EXPECT_EQ(patch_bytes(TransposePolicy::kWideCopy),
            kElements * (kX1 + kX2 + kD1 + kD2 + kWeights));
  EXPECT_EQ(patch_bytes(TransposePolicy::kDual), 0u);
}

}  // namespace
}  // namespace mxsim
