// Activations that GPT-2 keeps for its backward pass with GEMM operands in MXSF tiles (65/64 bytes
// an element; 1024 tokens and 768 columns are whole tiles), against the shapes.
//
// Of a block of d columns, h heads and T tokens GEMMs read ten tensors of T d (results of the
// norms, queries, keys, values, the weighted values, the GELU's result of 4 d); the inputs of the
// norms and of the GELU are six in BF16. The softmax's h T^2 are read by both: by a GEMM, and
// element by element in its own backward pass.
#include <gtest/gtest.h>

#include "models/formats/format_table.h"
#include "models/mapping/memory/memory_class.h"
#include "models/workload/assumed_loss.h"
#include "models/workload/lower.h"
#include "sim/config/trace_reader.h"

namespace mxsim {
namespace {

constexpr std::int64_t kDepth = 12;
constexpr std::int64_t kTokens = 1024;
constexpr std::int64_t kWidth = 768;
constexpr std::int64_t kHeads = 12;
constexpr std::int64_t kVocabulary = 50257;
constexpr std::int64_t kRow = kTokens * kWidth;
constexpr std::int64_t kScores = kHeads * kTokens * kTokens;
/// Mean and deviation of each row of the two norms.
constexpr std::int64_t kStatistics = 2 * 8 * kTokens;

constexpr std::int64_t tiles(std::int64_t elements) { return elements / 64 * 65; }

/// Tokens; input, statistics and result of the last norm; probabilities and labels of the loss.
constexpr std::int64_t kOutside =
    2 * kTokens + 2 * kRow + 8 * kTokens + tiles(kRow) + kTokens * (2 * kVocabulary + 4);

std::int64_t kept(const char* format, ElementwiseReads reads) {
  LoweringPolicy policy;
  policy.wide = parse_format("bf16");
  policy.formats.format = parse_format(format);
  policy.formats.elementwise = reads;
  const OpList ops = lower(with_assumed_loss(load_trace(MXSIM_ROOT "/traces/gpt2.json")), policy);
  const std::vector<MemoryClass> classes = memory_classes(ops);
  std::int64_t bytes = 0;
  for (std::size_t i = 0; i < classes.size(); ++i) {
    if (classes[i] == MemoryClass::kActivationsKept) bytes += ops.tensors[i].bytes().count();
  }
  return bytes;
}

TEST(KeptInTiles, HasProbabilitiesTwiceWhereElementwiseLayersReadBf16) {
  const std::int64_t block = 2 * 6 * kRow + tiles(10 * kRow) + kStatistics;
  EXPECT_EQ(kept("mxsf", ElementwiseReads::kWide),
            kOutside + kDepth * (block + 2 * kScores + tiles(kScores)));
  EXPECT_EQ(kept("mxsf", ElementwiseReads::kNarrow), kOutside + kDepth * (block + tiles(kScores)));
}

// The second copy of the probabilities outweighs the narrow operands where 65 h T > 630 d: with
// heads of 64 columns, from 621 tokens on.
TEST(KeptInTiles, IsMoreThanInBf16ForLongSequencesUnlessElementwiseLayersReadTiles) {
  const std::int64_t wide = kept("bf16", ElementwiseReads::kWide);
  EXPECT_GT(kept("mxsf", ElementwiseReads::kWide), wide);
  EXPECT_LT(kept("mxsf", ElementwiseReads::kNarrow), wide);
}

}  // namespace
}  // namespace mxsim
