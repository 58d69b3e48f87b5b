#include "models/workload/training_graph.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "models/workload/kinds/kinds.h"
#include "tests/support/diagnostics.h"
#include "tests/support/small_graphs.h"

namespace mxsim {
namespace {

using Lines = std::vector<std::string>;

StepList training_steps(const Graph& graph, std::int64_t batch = 2) {
  return derive_steps(shape_graph(graph, batch), Mode::kTrain, {Optimizer::kSgdMomentum});
}

std::int64_t count_op(const StepList& list, const std::string& op) {
  return std::count_if(list.steps.begin(), list.steps.end(),
                       [&](const Step& step) { return step.op == op; });
}

TEST(TrainingGraph, TheFirstLayerHasNoDataGradient) {
  const StepList list = training_steps(mlp({8, 6, 4}));
  std::vector<std::int32_t> layers;
  for (const Step& step : list.steps) {
    if (step.kind == StepKind::kGemm && step.pass == Pass::kBackwardData) {
      layers.push_back(step.layer);
    }
  }
  EXPECT_EQ(layers, std::vector<std::int32_t>{1});
}

TEST(TrainingGraph, GradientsOfATensorWithThreeReadersAreAddedTwice) {
  GraphBuilder builder({8});
  const RawAttributes square{{"out_features", {8}}, {"bias", {0}}};
  builder.layer("x", "linear", {"image"}, square)
      .layer("a", "linear", {"x"}, square)
      .layer("b", "linear", {"x"}, square)
      .layer("ab", "add", {"a", "b"})
      .layer("abx", "add", {"ab", "x"})
      .layer("loss", "cross_entropy", {"abx"});
  EXPECT_EQ(count_op(training_steps(builder.build()), "gradient_add"), 2);
}

TEST(TrainingGraph, ATensorAddedToItselfGetsTwiceTheGradient) {
  GraphBuilder builder({8});
  builder.layer("x", "linear", {"image"}, {{"out_features", {8}}})
      .layer("twice", "add", {"x", "x"})
      .layer("loss", "cross_entropy", {"twice"});
  EXPECT_EQ(count_op(training_steps(builder.build()), "gradient_add"), 1);
}

TEST(TrainingGraph, WithoutALossNothingTrains) {
  const Graph graph =
      GraphBuilder({8}).layer("fc", "linear", {"image"}, {{"out_features", {2}}}).build();
  EXPECT_EQ(fault_lines([&] { training_steps(graph); }),
            Lines{"/layers: training needs a loss layer (cross_entropy)"});
}

TEST(TrainingGraph, AParameterNoLossDependsOnIsAnError) {
  Graph graph = mlp({8, 4});
  graph.layers.push_back({"aside", "linear", {"image"}, {"aside"}, {{"out_features", {2}}}});
  graph.outputs.push_back("aside");
  EXPECT_EQ(fault_lines([&] { training_steps(graph); }),
            Lines{"/layers: layer \"aside\" cannot be trained: no loss depends on it"});
}

/// One layer of a kind between trainable layers, so that both its passes are derived.
struct KindSample {
  Shape image;
  RawAttributes attributes;
};

const std::map<std::string_view, KindSample> kSamples{
    {"conv2d", {{4, 9, 7}, {{"out_channels", {6}}, {"kernel", {3, 2}}, {"stride", {2}}}}},
    {"linear", {{12}, {{"out_features", {5}}}}},
    {"matmul", {{5, 12}, {{"heads", {3}}, {"transpose_b", {1}}}}},
    {"batch_norm", {{4, 9, 7}, {}}},
    {"relu", {{4, 9, 7}, {}}},
    {"relu6", {{4, 9, 7}, {}}},
    {"gelu", {{4, 9, 7}, {}}},
    {"silu", {{4, 9, 7}, {}}},
    {"tanh", {{4, 9, 7}, {}}},
    {"add", {{4, 9, 7}, {}}},
    {"multiply", {{4, 9, 7}, {}}},
    {"softmax", {{5, 12}, {{"scale", {1}}, {"causal", {1}}}}},
    {"layer_norm", {{5, 12}, {}}},
    {"rms_norm", {{5, 12}, {}}},
    {"max_pool", {{4, 9, 7}, {{"kernel", {3}}, {"stride", {2}}, {"padding", {1}}}}},
    {"average_pool", {{4, 9, 7}, {{"kernel", {2}}, {"stride", {1}}}}},
    {"global_average_pool", {{4, 9, 7}, {}}},
    {"flatten", {{4, 9, 7}, {}}},
    {"image_to_tokens", {{4, 9, 7}, {}}},
    {"class_token", {{5, 12}, {}}},
    {"position", {{5, 12}, {}}},
    {"select", {{5, 12}, {{"index", {4}}}}},
    {"cross_entropy", {{12}, {}}},
    {"conv_transpose2d",
     {{4, 5, 3},
      {{"out_channels", {6}}, {"kernel", {3}}, {"stride", {2}}, {"output_size", {11, 7}}}}},
    {"group_norm", {{4, 9, 7}, {{"groups", {2}}}}},
    {"add_constant", {{4, 9, 7}, {{"shape", {4, 1, 1}}}}},
    {"multiply_constant", {{5, 12}, {{"shape", {5, 12}}}}},
    {"prelu", {{4, 9, 7}, {{"shape", {4, 1, 1}}}}},
    {"reshape", {{5, 12}, {{"shape", {10, 6}}}}},
    {"permute", {{5, 12}, {{"shape", {12, 5}}, {"factors", {5, 12}}, {"order", {1, 0}}}}},
    {"concat", {{5, 12}, {{"axis", {1}}}}},
    {"split", {{5, 12}, {{"axis", {2}}, {"sizes", {12}}}}},
    {"resize", {{4, 9, 7}, {{"shape", {4, 18, 14}}, {"taps", {4}}}}},
    {"slice", {{5, 12}, {{"shape", {3, 12}}}}},
    {"pad", {{4, 9, 7}, {{"shape", {4, 11, 8}}}}},
    {"expand", {{1, 12}, {{"shape", {5, 12}}}}},
    {"tile", {{5, 12}, {{"shape", {10, 12}}}}},
    {"gather", {{5, 12}, {{"shape", {7, 12}}}}},
    {"roll", {{5, 12}, {{"shape", {5, 12}}}}},
    {"attention", {{5, 12}, {{"heads", {3}}}}},
    {"next_token", {{5, 12}, {}}},
    {"last_tokens", {{5, 12}, {{"count", {2}}}}},
    {"rotary", {{5, 12}, {{"width", {4}}}}},
    {"swiglu", {{5, 12}, {}}},
    {"geglu", {{5, 12}, {}}},
    {"expert_linear", {{6, 12}, {{"experts", {4}}, {"top_k", {2}}, {"out_features", {5}}}}},
    {"route", {{5, 8}, {{"top_k", {2}}}}},
    {"dispatch", {{5, 12}, {}}},
    {"combine", {{6, 1}, {}}},
    {"depth_windows", {{4, 9, 7}, {{"depth", {3}}, {"taps", {2}}}}},
    {"lstm", {{5, 12}, {{"hidden", {6}}}}},
    {"gru", {{5, 12}, {{"hidden", {6}}}}},
    {"rnn", {{5, 12}, {{"hidden", {6}}}}},
    {"relative_bias", {{12, 4}, {{"window", {2, 2}}, {"heads", {3}}}}},
    {"dropout", {{4, 9, 7}, {}}},
};

/// Tables of operators that differ in their rows alone have one sample.
KindSample sample_of(const LayerKind& kind) {
  const auto found = kSamples.find(kind.op());
  if (found != kSamples.end()) return found->second;
  const auto in = [&](std::span<const LayerKind* const> table) {
    return std::find(table.begin(), table.end(), &kind) != table.end();
  };
  if (in(elementwise_kinds()) || in(binary_kinds())) return {{4, 9, 7}, {}};
  if (in(reduce_kinds())) return {{5, 12}, {{"shape", {5, 1}}}};
  ADD_FAILURE() << "add a sample of " << kind.op();
  return {};
}

/// Kinds that look numbers up have no gradient of their input; tied_linear needs the table of
/// another layer (language_kinds_test.cpp).
bool has_no_sample(const LayerKind& kind) {
  return kind.op() == "embedding" || kind.op() == "tied_linear";
}

Graph around(const LayerKind& kind, const KindSample& sample) {
  GraphBuilder builder(sample.image);
  if (sample.image.size() == 3) {
    builder.layer("before", "conv2d", {"image"},
                  {{"out_channels", {sample.image[0]}}, {"kernel", {1}}});
  } else {
    builder.layer("before", "linear", {"image"}, {{"out_features", {sample.image.back()}}});
  }
  builder.layer("it", std::string(kind.op()),
                std::vector<std::string>(kind.input_count(), "before"), sample.attributes);
  if (kind.role() == LayerRole::kLoss) return builder.build();
  return builder.layer("flat", "flatten", {"it"}).layer("loss", "cross_entropy", {"flat"}).build();
}

class EveryKind : public testing::TestWithParam<const LayerKind*> {
 protected:
  void SetUp() override {
    graph_ = around(*GetParam(), sample_of(*GetParam()));
    list_ = training_steps(graph_);
  }
  Graph graph_;
  StepList list_;
};

TEST_P(EveryKind, IsFoundByItsName) { EXPECT_EQ(find_layer_kind(GetParam()->op()), GetParam()); }

TEST_P(EveryKind, HasWorkOrTrafficInBothModes) {
  const auto mentions = [](const StepList& list, std::int32_t layer) {
    return std::any_of(list.steps.begin(), list.steps.end(),
                       [&](const Step& step) { return step.layer == layer; });
  };
  EXPECT_TRUE(mentions(list_, 1));
  const bool trains_alone = GetParam()->op() == "dropout";
  EXPECT_NE(
      mentions(derive_steps(shape_graph(graph_, 2), Mode::kInfer, {Optimizer::kSgdMomentum}), 1),
      trains_alone);
}

TEST_P(EveryKind, PassesAGradientOfItsInputsShapeBack) {
  const ShapedGraph shaped = shape_graph(graph_, 2);
  const MatrixView input = matrix_view(shaped.layers[1].input_shapes[0]);
  const auto weight_gradient =
      std::find_if(list_.steps.begin(), list_.steps.end(), [](const Step& step) {
        return step.layer == 0 && step.pass == Pass::kBackwardWeight &&
               step.kind == StepKind::kGemm;
      });
  ASSERT_NE(weight_gradient, list_.steps.end());
  const Value& gradient = list_.values[weight_gradient->b.value];
  EXPECT_EQ(gradient.role, TensorRole::kGradient);
  EXPECT_EQ(gradient.view, input);
}

TEST_P(EveryKind, ComputesEveryValueOnceBeforeItIsRead) {
  std::set<ValueId> there;
  for (std::size_t v = 0; v < list_.values.size(); ++v) {
    if (list_.values[v].origin == ValueOrigin::kGiven) there.insert(static_cast<ValueId>(v));
  }
  for (const Step& step : list_.steps) {
    for (const ValueId v : step.reads) EXPECT_TRUE(there.contains(v)) << list_.values[v].name;
    for (const ValueId v : step.broadcasts) EXPECT_TRUE(there.contains(v)) << list_.values[v].name;
    for (const ValueId v : step.writes) {
      EXPECT_TRUE(there.insert(v).second || list_.values[v].origin == ValueOrigin::kGiven)
          << list_.values[v].name;
    }
    for (const ValueId v : step.sums) EXPECT_TRUE(there.insert(v).second) << list_.values[v].name;
  }
}

TEST_P(EveryKind, StepsOnAGridReadAndWriteThatGrid) {
  for (const Step& step : list_.steps) {
    if (step.kind == StepKind::kReduction || step.pass == Pass::kUpdate) continue;
    const Value& result = list_.values[step.writes[0]];
    const bool per_channel = step.op == "batch_norm_channels";
    EXPECT_TRUE(per_channel || result.view == step.grid) << step.op;
    if (step.kind != StepKind::kElementwise) continue;
    for (const ValueId v : step.reads) {
      const Value& read = list_.values[v];  // a table of parameters repeats along the batch
      EXPECT_TRUE(read.view == step.grid || read.role == TensorRole::kMasterWeight) << step.op;
    }
  }
}

TEST_P(EveryKind, GradientsOfParametersHaveTheirShape) {
  for (const Step& step : list_.steps) {
    if (step.pass != Pass::kUpdate) continue;
    for (const ValueId v : step.reads) EXPECT_EQ(list_.values[v].view, step.grid);
    for (const ValueId v : step.writes) EXPECT_EQ(list_.values[v].view, step.grid);
  }
}

std::vector<const LayerKind*> kinds_with_gradients() {
  std::vector<const LayerKind*> kinds;
  for (const LayerKind* kind : all_layer_kinds()) {
    if (!has_no_sample(*kind)) kinds.push_back(kind);
  }
  return kinds;
}

INSTANTIATE_TEST_SUITE_P(Table, EveryKind, testing::ValuesIn(kinds_with_gradients()),
                         [](const auto& kind) { return std::string(kind.param->op()); });

}  // namespace
}  // namespace mxsim
