// Bytes of kept activations, bytes of optimizer states and MACs of a training step, with and
// without recomputation, of six published networks: against closed forms in the networks' published
// shapes alone.
//
// Kept in BF16 (2 bytes an element) is what gradients need: the input of every weight layer and of
// every normalisation, what the GELU or the gate reads, queries, keys, values and the softmax's
// result. ReLU keeps one bit an element, a 3x3 maximum 4 bits a window, a layer norm 2 FP32 numbers
// a row, an RMS norm one, a batch norm 2 a channel. The transformer block of d columns, h heads and
// T tokens so keeps 32 T d + 2 h T^2 bytes, as Korthikanti et al. (arXiv 2205.05198, section 4)
// count it less their dropout masks, and 2 T d when it is computed again.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <vector>

#include "models/formats/format_table.h"
#include "models/mapping/memory/memory_class.h"
#include "models/workload/assumed_loss.h"
#include "models/workload/lower.h"
#include "sim/config/trace_reader.h"

namespace mxsim {
namespace {

using Count = std::int64_t;

/// What a closed form says of a network.
struct Closed {
  const char* trace;
  const char* blocks;  ///< expression of /recompute
  Count parameters;
  Count kept;                ///< bytes
  Count kept_of_recomputed;  ///< bytes, each block computed again from its input
  Count forward;             ///< MACs
  Count first;               ///< of them those of a layer that reads the network's input
  Count again;               ///< done again
};

constexpr Count square(Count n) { return n * n; }

/// Probabilities and labels of a loss over `rows` of `classes`.
constexpr Count of_loss(Count rows, Count classes) { return rows * (2 * classes + 4); }

/// Convolution, batch norm and, where there is one, ReLU, on square images.
struct Convolution {
  Count in, out, kernel, channels, filters;
  Count groups = 1;

  Count macs() const { return square(out) * filters * square(kernel) * (channels / groups); }
  Count result() const { return square(out) * filters; }
  /// Its result for the batch norm, and the batch's statistics.
  Count kept() const { return 2 * result() + 8 * filters; }
};

/// Bytes of a ReLU's mask.
Count mask(const Convolution& conv) { return conv.result() / 8; }

Closed resnet50() {
  constexpr Count kImage = 3 * 224 * 224;
  const Convolution stem{224, 112, 7, 3, 64};
  const Count pooled = square(56) * 64;
  const Count outside = 2 * kImage + stem.kept() + mask(stem) + pooled / 2 + 2 * pooled;
  const Count head = 2 * 2048 + of_loss(1, 1000);
  Count kept = outside + head;
  Count kept_of_recomputed = outside + head;
  Count block_macs = 0;
  const std::array<Count, 4> depth{3, 4, 6, 3};
  Count channels = 64;
  Count size = 56;
  for (Count stage = 0; stage < 4; ++stage) {
    const Count width = Count{64} << stage;
    for (Count block = 0; block < depth[static_cast<std::size_t>(stage)]; ++block) {
      const Count out = stage > 0 && block == 0 ? size / 2 : size;
      const Convolution reduce{size, size, 1, channels, width};
      const Convolution middle{size, out, 3, width, width};
      const Convolution expand{out, out, 1, width, 4 * width};
      for (const Convolution& conv : {reduce, middle, expand}) {
        kept += conv.kept() + mask(conv);
        block_macs += conv.macs();
      }
      kept += 2 * (reduce.result() + middle.result());
      if (block == 0) {
        const Convolution shortcut{size, out, 1, channels, 4 * width};
        kept += shortcut.kept();
        block_macs += shortcut.macs();
      }
      const bool last = stage == 3 && block == 2;
      if (!last) {
        kept += 2 * expand.result();
        kept_of_recomputed += 2 * expand.result();
      }
      channels = 4 * width;
      size = out;
    }
  }
  return {"resnet50",         R"((layer\d\.\d+)\..*)",
          25557032,           kept,
          kept_of_recomputed, stem.macs() + block_macs + 2048 * 1000,
          stem.macs(),        block_macs};
}

Closed mobilenet_v2() {
  constexpr Count kImage = 3 * 224 * 224;
  const Convolution stem{224, 112, 3, 3, 32};
  const Count outside = 2 * kImage + stem.kept() + mask(stem) + 2 * stem.result();
  Count kept = outside;
  Count kept_of_recomputed = outside;
  Count block_macs = 0;
  struct Stage {
    Count expansion, channels, repeat, stride;
  };
  const std::array<Stage, 7> stages{{{1, 16, 1, 1},
                                     {6, 24, 2, 2},
                                     {6, 32, 3, 2},
                                     {6, 64, 4, 2},
                                     {6, 96, 3, 1},
                                     {6, 160, 3, 2},
                                     {6, 320, 1, 1}}};
  Count channels = 32;
  Count size = 112;
  for (const Stage& stage : stages) {
    for (Count block = 0; block < stage.repeat; ++block) {
      const Count out = block == 0 ? size / stage.stride : size;
      const Count hidden = channels * stage.expansion;
      std::vector<Convolution> activated;
      if (stage.expansion > 1) activated.push_back({size, size, 1, channels, hidden});
      activated.push_back({size, out, 3, hidden, hidden, hidden});
      const Convolution project{out, out, 1, hidden, stage.channels};
      for (const Convolution& conv : activated) {
        kept += conv.kept() + mask(conv) + 2 * conv.result();
        block_macs += conv.macs();
      }
      kept += project.kept() + 2 * project.result();
      kept_of_recomputed += 2 * project.result();
      block_macs += project.macs();
      channels = stage.channels;
      size = out;
    }
  }
  const Convolution last{7, 7, 1, 320, 1280};
  const Count head = last.kept() + mask(last) + 2 * 1280 + of_loss(1, 1000);
  return {"mobilenet_v2",
          R"((features\.\d+)\.(conv\..*|add))",
          3504872,
          kept + head,
          kept_of_recomputed + head,
          stem.macs() + block_macs + last.macs() + 1280 * 1000,
          stem.macs(),
          block_macs};
}

/// Of one block with layer norms and a GELU of 4 d columns.
constexpr Count block_kept(Count tokens, Count d, Count heads) {
  return 32 * tokens * d + 2 * heads * square(tokens) + 2 * 8 * tokens;
}
constexpr Count block_macs(Count tokens, Count d) {
  return 12 * tokens * square(d) + 2 * square(tokens) * d;
}
constexpr Count second_linear(Count tokens, Count d) { return 4 * tokens * square(d); }

Closed deit_small() {
  constexpr Count kDepth = 12, kTokens = 197, kD = 384;
  constexpr Count kPatches = Count{196} * 768 * kD;
  // The image; the class token before and behind the last norm, its statistics.
  constexpr Count kOutside = 2 * 3 * 224 * 224 + 2 * 2 * kD + 8 + of_loss(1, 1000);
  return {"deit_small",
          R"((blocks\.\d+)\..*)",
          22050664,
          kOutside + kDepth * block_kept(kTokens, kD, 6),
          kOutside + kDepth * 2 * kTokens * kD,
          kPatches + kDepth * block_macs(kTokens, kD) + 1000 * kD,
          kPatches,
          kDepth * (block_macs(kTokens, kD) - second_linear(kTokens, kD))};
}

Closed gpt2() {
  constexpr Count kDepth = 12, kTokens = 1024, kD = 768, kVocabulary = 50257;
  // Tokens; input, statistics and result of the last norm.
  constexpr Count kOutside =
      2 * kTokens + 4 * kTokens * kD + 8 * kTokens + of_loss(kTokens, kVocabulary);
  return {"gpt2",
          R"((h\.\d+)\..*)",
          124439808,
          kOutside + kDepth * block_kept(kTokens, kD, 12),
          kOutside + kDepth * 2 * kTokens * kD,
          kDepth * block_macs(kTokens, kD) + kTokens * kD * kVocabulary,
          0,
          kDepth * (block_macs(kTokens, kD) - second_linear(kTokens, kD))};
}

/// Norms come after the additions, so that the second linear layer is done again too.
Closed bert_base() {
  constexpr Count kDepth = 12, kTokens = 512, kD = 768;
  // Words and segments; the embedding's norm; the pooler's input and result, a loss over it.
  constexpr Count kOutside =
      2 * 2 * kTokens + 2 * kTokens * kD + 8 * kTokens + 2 * 2 * kD + of_loss(1, kD);
  return {"bert_base",
          R"((layer\.\d+)\..*)",
          109482240,
          kOutside + kDepth * block_kept(kTokens, kD, 12),
          kOutside + kDepth * 2 * kTokens * kD,
          kDepth * block_macs(kTokens, kD) + square(kD),
          0,
          kDepth * block_macs(kTokens, kD)};
}

Closed llama2_7b() {
  constexpr Count kDepth = 32, kTokens = 4096, kD = 4096, kHidden = 11008, kHeads = 32,
                  kVocabulary = 32000;
  // The angles of queries and keys, FP32, are stored for each layer.
  constexpr Count kAngles = 2 * 4 * kTokens * (kD / kHeads);
  constexpr Count kBlock = 2 * (8 * kTokens * kD + 3 * kTokens * kHidden) +
                           2 * kHeads * square(kTokens) + 2 * 4 * kTokens;
  constexpr Count kOutside =
      2 * kTokens + 4 * kTokens * kD + 4 * kTokens + of_loss(kTokens, kVocabulary);
  constexpr Count kDown = kTokens * kD * kHidden;
  constexpr Count kMacs = 4 * kTokens * square(kD) + 3 * kDown + 2 * square(kTokens) * kD;
  return {"llama2_7b",
          R"((h\.\d+)\..*)",
          6738415616,
          kOutside + kDepth * (kBlock + kAngles),
          kOutside + kDepth * (2 * kTokens * kD + kAngles),
          kDepth * kMacs + kTokens * kD * kVocabulary,
          0,
          kDepth * (kMacs - kDown)};
}

OpList training_step(const Closed& network, const std::vector<std::string>& recompute,
                     Optimizer optimizer = Optimizer::kAdamW, const char* state = "fp32") {
  LoweringPolicy policy;
  policy.wide = policy.formats.format = parse_format("bf16");
  policy.training.optimizer = optimizer;
  policy.training.state = parse_format(state);
  policy.training.recompute = recompute;
  const Graph graph = load_trace(MXSIM_ROOT "/traces/" + std::string(network.trace) + ".json");
  return lower(with_assumed_loss(graph), policy);
}

Count bytes_of(const OpList& ops, MemoryClass wanted) {
  const std::vector<MemoryClass> classes = memory_classes(ops);
  Count bytes = 0;
  for (std::size_t i = 0; i < classes.size(); ++i) {
    if (classes[i] == wanted) bytes += ops.tensors[i].bytes().count();
  }
  return bytes;
}

std::map<Pass, Count> macs(const OpList& ops) {
  std::map<Pass, Count> sum;
  for (const OpGroup& group : ops.groups) {
    for (const GemmWork& gemm : group.gemms) sum[group.pass] += gemm.macs();
  }
  return sum;
}

class TrainingMemory : public testing::TestWithParam<Closed> {};

TEST_P(TrainingMemory, KeepsTheActivationsThatGradientsNeed) {
  const OpList ops = training_step(GetParam(), {});
  EXPECT_EQ(bytes_of(ops, MemoryClass::kActivationsKept), GetParam().kept);
  std::map<Pass, Count> sum = macs(ops);
  EXPECT_EQ(sum[Pass::kForward], GetParam().forward);
  EXPECT_EQ(sum[Pass::kBackwardWeight] + sum[Pass::kBackwardData],
            2 * GetParam().forward - GetParam().first);
  EXPECT_EQ(sum[Pass::kRecompute], 0);
}

TEST_P(TrainingMemory, KeepsTheInputsOfRecomputedBlocksAlone) {
  const OpList ops = training_step(GetParam(), {GetParam().blocks});
  EXPECT_EQ(bytes_of(ops, MemoryClass::kActivationsKept), GetParam().kept_of_recomputed);
  std::map<Pass, Count> sum = macs(ops);
  EXPECT_EQ(sum[Pass::kForward], GetParam().forward);
  EXPECT_EQ(sum[Pass::kRecompute], GetParam().again);
}

TEST_P(TrainingMemory, HasTheOptimizersBytesAParameter) {
  struct Row {
    Optimizer optimizer;
    const char* state;
    Count bytes;
  };
  for (const auto& [optimizer, state, bytes] :
       {Row{Optimizer::kSgd, "fp32", 0}, Row{Optimizer::kSgdMomentum, "fp32", 4},
        Row{Optimizer::kAdamW, "fp32", 8}, Row{Optimizer::kLion, "bf16", 2}}) {
    const OpList ops = training_step(GetParam(), {}, optimizer, state);
    EXPECT_EQ(bytes_of(ops, MemoryClass::kOptimizerState), bytes * GetParam().parameters);
  }
}

INSTANTIATE_TEST_SUITE_P(Published, TrainingMemory,
                         testing::Values(resnet50(), mobilenet_v2(), deit_small(), bert_base(),
                                         gpt2(), llama2_7b()),
                         [](const auto& network) { return std::string(network.param.trace); });

}  // namespace
}  // namespace mxsim
