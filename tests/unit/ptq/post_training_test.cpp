// Post-training quantization of whole networks, layer by layer.
#include "models/ptq/post_training.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "models/core/error.h"
#include "models/core/rng.h"
#include "models/formats/dequantize.h"
#include "models/formats/format_parser.h"
#include "models/formats/quantizer.h"
#include "models/ptq/band_rounder.h"
#include "models/ptq/gemm_inputs.h"
#include "tests/support/small_graphs.h"

namespace mxsim {
namespace {

constexpr std::int64_t kBatch = 24;

LoweringPolicy policy_of(const std::string& weights, const std::string& activations) {
  LoweringPolicy policy;
  policy.mode = Mode::kInfer;
  policy.batch = kBatch;
  policy.wide = parse_format("fp32");
  policy.formats.format = parse_format(weights);
  FormatOverride all;
  all.layers = ".*";
  all.activations = parse_format(activations);
  policy.formats.overrides = {all};
  return policy;
}

std::vector<float> drawn(const std::string& stream, std::int64_t count, double deviation = 1) {
  const CounterRng rng(17, stream);
  std::vector<float> values;
  for (std::int64_t i = 0; i < count; ++i) {
    values.push_back(static_cast<float>(rng.normal(static_cast<std::uint64_t>(i)) * deviation));
  }
  return values;
}

/// A network in FP32 and in narrow weights, and tensors for both.
struct Networks {
  Networks(const Graph& graph, const std::string& weights, const std::string& activations = "fp32")
      : wide(graph, policy_of("fp32", "fp32"), array, workers),
        narrow(graph, policy_of(weights, activations), array, workers) {
    for (const ShapedLayer& layer : narrow.graph().layers) {
      for (const ParameterSpec& spec : layer.kind->parameters(layer)) {
        const std::string name = layer.name + "." + std::string(spec.name);
        tensors[name] = drawn(name, spec.rows * spec.cols, 0.4);
      }
      if (layer.kind->op() != "batch_norm") continue;
      std::vector<float>& running = tensors[layer.name + ".running"];
      running = drawn(layer.name, 2 * layer.input_shapes[0][1]);
      for (float& value : running) value = std::abs(value) + 0.5F;
    }
  }

  PostTraining quantize(const PtqSettings& settings, const std::vector<float>& inputs) {
    return PostTrainingQuantizer(wide, narrow, settings, workers)
        .run(tensors, inputs, [](std::size_t, std::size_t) {});
  }

  ArraySpec array;
  Workers workers{2};
  InferredNetwork wide;
  InferredNetwork narrow;
  NetworkTensors tensors;
};

PtqSettings settings_of(PtqMethod method) {
  PtqSettings settings;
  settings.method = method;
  settings.learned.iterations = 100;
  return settings;
}

TEST(PostTraining, RoundsToNearestAsTheQuantizerCasts) {
  for (const std::string format : {"int4,float32_t0", "mxsf", "mxfp4_e2m1", "int8", "nvfp4"}) {
    SCOPED_TRACE(format);
    Networks networks(mlp({12, 40, 5}), format);
    const PostTraining result =
        networks.quantize(settings_of(PtqMethod::kNearest), drawn("inputs", kBatch * 12));
    ASSERT_EQ(result.layers.size(), 2U);
    FormatSpec spec = parse_format(format);
    BlockShape block = spec.default_block;
    if (block.rows == 1) block = {block.cols, 1};
    const std::vector<float> expected =
        dequantize(quantize(networks.tensors.at("fc2.weight"), 40, 5, {spec, block}));
    EXPECT_EQ(result.tensors.at("fc2.weight"), expected);
    double signal = 0;
    double noise = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const double weight = networks.tensors.at("fc2.weight")[i];
      signal += weight * weight;
      noise += (weight - expected[i]) * (weight - expected[i]);
    }
    EXPECT_NEAR(result.layers[1].weight_sqnr_db, 10 * std::log10(signal / noise), 1e-9);
  }
}

TEST(PostTraining, TellsTheErrorOfALayersOutputs) {
  Networks networks(mlp({12, 5}), "int3,float32_t0");
  const std::vector<float> inputs = drawn("inputs", kBatch * 12);
  for (const PtqMethod method : kPtqMethods) {
    const PostTraining result = networks.quantize(settings_of(method), inputs);
    const std::vector<float>& weights = networks.tensors.at("fc1.weight");
    const std::vector<float>& rounded = result.tensors.at("fc1.weight");
    double signal = 0;
    double noise = 0;
    for (std::size_t p = 0; p < kBatch; ++p) {
      for (std::size_t n = 0; n < 5; ++n) {
        double wide = 0;
        double narrow = 0;
        for (std::size_t k = 0; k < 12; ++k) {
          wide += inputs[p * 12 + k] * weights[k * 5 + n];
          narrow += inputs[p * 12 + k] * rounded[k * 5 + n];
        }
        signal += wide * wide;
        noise += (wide - narrow) * (wide - narrow);
      }
    }
    EXPECT_NEAR(result.layers[0].output_sqnr_db, 10 * std::log10(signal / noise), 1e-4);
  }
}

Graph convolutions() {
  return GraphBuilder({4, 7, 6})
      .layer("first", "conv2d", {"image"},
             {{"out_channels", {6}},
              {"kernel", {3, 2}},
              {"padding", {1}},
              {"stride", {2, 1}},
              {"groups", {2}}})
      .layer("act", "relu", {"first"})
      .layer("second", "conv2d", {"act"},
             {{"out_channels", {5}}, {"kernel", {2}}, {"dilation", {2}}, {"bias", {0}}})
      .layer("norm", "batch_norm", {"second"})
      .layer("flat", "flatten", {"norm"})
      .layer("head", "linear", {"flat"}, {{"out_features", {3}}})
      .layer("loss", "cross_entropy", {"head"})
      .build();
}

/// The inputs times the weights are the executor's products.
void expect_products(const std::string& weights, const std::string& activations) {
  SCOPED_TRACE(weights + " x " + activations);
  Networks networks(convolutions(), weights, activations);
  InferredNetwork& network = networks.narrow;
  network.set(networks.tensors);
  network.give(drawn("inputs", kBatch * 4 * 7 * 6));
  StepExecutor& executor = network.executor();
  const OpList& ops = executor.ops();
  int checked = 0;
  for (const std::size_t g : network.forward_groups()) {
    const OpGroup& group = ops.groups[g];
    const GemmWork* const work = weight_gemm(ops, group);
    if (work == nullptr) {
      executor.run_group(g, {});
      continue;
    }
    const GemmInputs inputs(executor, group, *work, networks.workers);
    std::vector<float> direct(static_cast<std::size_t>(group.rows * group.cols));
    executor.store().begin_group();
    executor.store().multiply(group, direct.data());
    const RowMatrix multiplied = cast_weights(
        {work->format_b, work->block_b}, to_row_matrix(networks.tensors.at(group.layer + ".weight"),
                                                       work->gemm_k(), work->groups * work->n));
    for (std::int64_t part = 0; part < work->groups; ++part) {
      const RowMatrix product =
          inputs.rows(part, 0, work->positions()) * multiplied.middleCols(part * work->n, work->n);
      for (std::int64_t p = 0; p < product.rows(); ++p) {
        for (std::int64_t n = 0; n < work->n; ++n) {
          const std::int64_t place = p * group.cols + part * work->n + n;
          EXPECT_NEAR(product(p, n), direct[static_cast<std::size_t>(place)], 1e-4);
        }
      }
    }
    executor.run_group(g, {});
    ++checked;
  }
  EXPECT_EQ(checked, 3);
}

// Windows, strides, padding and groups; scales of tensors, channels, rows and blocks.
TEST(PostTraining, GathersTheInputsOfConvolutions) {
  expect_products("fp32", "fp32");
  for (const std::string format : {"int8", "int6,float32_t0", "int8,e8m0_t0", "int8,e8m0", "uint8",
                                   "mxsf", "mxint8", "int4,float32_t2", "nvfp4", "fp8_e4m3"}) {
    expect_products(format, format);
    expect_products("int4,float32_t0", format);
  }
}

/// Mean over samples of every score before the loss, by the executor.
std::vector<double> mean_scores(InferredNetwork& network, const NetworkTensors& tensors,
                                const std::vector<float>& inputs, const std::string& weights,
                                std::int64_t k, std::int64_t n) {
  network.set(tensors);
  network.give(inputs);
  StepExecutor& executor = network.executor();
  const OpList& ops = executor.ops();
  std::vector<double> means(static_cast<std::size_t>(n));
  for (const std::size_t g : network.forward_groups()) {
    const GemmWork* const work = weight_gemm(ops, ops.groups[g]);
    if (work != nullptr && ops.groups[g].layer + ".weight" == weights) {
      const GemmInputs held(executor, ops.groups[g], *work, *std::make_unique<Workers>(1));
      const RowMatrix product =
          held.rows(0, 0, work->positions()) * to_row_matrix(tensors.at(weights), k, n);
      for (std::int64_t c = 0; c < n; ++c) {
        means[static_cast<std::size_t>(c)] = product.col(c).mean();
      }
    }
    executor.run_group(g, {});
  }
  return means;
}

TEST(PostTraining, BiasCorrectionRestoresTheMeanOfEveryOutput) {
  Networks networks(convolutions(), "int2,e8m0_t0");
  const std::vector<float> inputs = drawn("inputs", kBatch * 4 * 7 * 6);
  PtqSettings settings = settings_of(PtqMethod::kNearest);
  const PostTraining plain = networks.quantize(settings, inputs);
  settings.corrects_bias = true;
  const PostTraining corrected = networks.quantize(settings, inputs);
  for (const QuantizedLayer& layer : corrected.layers) EXPECT_TRUE(layer.bias_corrected);
  EXPECT_GT(corrected.layers[0].output_sqnr_db, plain.layers[0].output_sqnr_db);
  const std::int64_t k = networks.narrow.graph().layers[5].input_shapes[0].back();
  const auto wide = mean_scores(networks.wide, networks.tensors, inputs, "head.weight", k, 3);
  const auto narrow = mean_scores(networks.narrow, corrected.tensors, inputs, "head.weight", k, 3);
  for (std::size_t c = 0; c < 3; ++c) {
    const double shift = corrected.tensors.at("head.bias")[c] - networks.tensors.at("head.bias")[c];
    EXPECT_NEAR(narrow[c] + shift, wide[c], 1e-4);
  }
  // Without a bias the averages of the batch norm move by the mean error.
  const auto before = mean_scores(networks.wide, networks.tensors, inputs, "second.weight", 24, 5);
  const auto after =
      mean_scores(networks.narrow, corrected.tensors, inputs, "second.weight", 24, 5);
  for (std::size_t c = 0; c < 5; ++c) {
    const double shift =
        corrected.tensors.at("norm.running")[c] - networks.tensors.at("norm.running")[c];
    EXPECT_NEAR(after[c] - shift, before[c], 1e-4);
  }
}

TEST(PostTraining, NarrowActivationsReachTheMethods) {
  const std::vector<float> inputs = drawn("inputs", kBatch * 12);
  Networks wide(mlp({12, 40, 5}), "int4,float32_t0");
  Networks narrow(mlp({12, 40, 5}), "int4,float32_t0", "int3");
  const PtqSettings settings = settings_of(PtqMethod::kErrorDiffusion);
  const PostTraining weights = wide.quantize(settings, inputs);
  const PostTraining both = narrow.quantize(settings, inputs);
  EXPECT_NE(weights.tensors.at("fc1.weight"), both.tensors.at("fc1.weight"));
  EXPECT_GT(weights.layers[1].output_sqnr_db, both.layers[1].output_sqnr_db);
}

void expect_fault(Networks& networks, PtqMethod method, const std::vector<float>& inputs,
                  const std::string& message) {
  try {
    networks.quantize(settings_of(method), inputs);
    FAIL();
  } catch (const InputError& error) {
    EXPECT_EQ(std::string(error.what()), message);
  }
}

TEST(PostTraining, NamesWhatItCannotQuantize) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> inputs = drawn("inputs", kBatch * 12);
  Networks networks(mlp({12, 5}), "int4,float32_t0");
  networks.tensors.at("fc1.weight")[7] = kNan;
  expect_fault(networks, PtqMethod::kGptq, inputs,
               "\"fc1.weight\" has an element that is not finite");
  networks.tensors.at("fc1.weight")[7] = 1;
  std::vector<float> broken = inputs;
  broken[3] = kNan;
  expect_fault(networks, PtqMethod::kGptq, broken,
               "layer \"fc1\": its inputs are not finite on the calibration samples");
  Networks transformed(mlp({16, 5}), "nvfp4:hadamard=16");
  expect_fault(
      transformed, PtqMethod::kAdaRound, drawn("inputs", kBatch * 16),
      "/formats: layer \"fc1\": format \"nvfp4:hadamard=16\" transforms its blocks: only rtn takes "
      "it");
  Networks longest(mlp({8193, 2}), "int4,float32_t0");
  expect_fault(longest, PtqMethod::kNearest, {},
               "/workload: layer \"fc1\": a reduction of 8193, at most 8192");
}

}  // namespace
}  // namespace mxsim
