// Parameters and forward MACs of the shipped vision transformers, recomputed from their layers:
// parameters as published, MACs by the closed form per layer.
#include <gtest/gtest.h>

#include "models/workload/shaped_graph.h"
#include "models/workload/training_graph.h"
#include "sim/config/trace_reader.h"

namespace mxsim {
namespace {

struct Published {
  const char* trace;
  std::int64_t width, heads, parameters;
};

const std::vector<Published> kPublished{{"deit_tiny", 192, 3, 5717416},
                                        {"deit_small", 384, 6, 22050664},
                                        {"vit_b16", 768, 12, 86567656}};

class PublishedTrace : public testing::TestWithParam<Published> {
 protected:
  Graph graph_ = load_trace(MXSIM_ROOT "/traces/" + std::string(GetParam().trace) + ".json");
};

TEST_P(PublishedTrace, HasItsParametersAndMacs) {
  constexpr std::int64_t kTokens = 197, kPatches = 196, kDepth = 12;
  const std::int64_t d = GetParam().width;
  const std::int64_t linear = 12 * kTokens * d * d;  // 4 d^2 of attention, 8 d^2 of the MLP
  const std::int64_t attention = 2 * kTokens * kTokens * d;
  const ShapedGraph shaped = shape_graph(graph_, 1);
  EXPECT_EQ(shaped.parameters, GetParam().parameters);
  EXPECT_EQ(shaped.macs, kPatches * 768 * d + kDepth * (linear + attention) + 1000 * d);
}

TEST_P(PublishedTrace, ExponentiatesEveryScoreAndEveryHiddenElement) {
  const StepList list = derive_steps(shape_graph(graph_, 2), Mode::kInfer, {});
  std::int64_t exponentials = 0;
  for (const Step& step : list.steps) {
    for (const VectorOps& ops : step.ops) {
      if (ops.op == Event::kVectorExp) {
        exponentials += ops.per_element * step.grid.rows * step.grid.cols;
      }
    }
  }
  const std::int64_t scores = 2 * GetParam().heads * 197 * 197;
  const std::int64_t hidden = std::int64_t{2} * 197 * 4 * GetParam().width;
  EXPECT_EQ(exponentials, 12 * (scores + hidden) + 2 * 1000);
}

INSTANTIATE_TEST_SUITE_P(VisionTransformers, PublishedTrace, testing::ValuesIn(kPublished));

}  // namespace
}  // namespace mxsim
