// Laws of every lowered network: shipped traces x modes x formats x transpose and storage policies,
// in one batch and in micro-batches.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "models/formats/format_table.h"
#include "models/workload/group_tensors.h"
#include "models/workload/lower.h"
#include "models/workload/shaped_graph.h"
#include "sim/config/trace_reader.h"

namespace mxsim {
namespace {

struct FormatChoice {
  std::string name;
  std::optional<BlockShape> block;
};

/// Tiles, 1-D blocks, wide formats.
const std::vector<FormatChoice> kFormats{
    {"mxsf", {}}, {"mxfp8_e4m3", {}}, {"mxfp8_e4m3", BlockShape{8, 8}}, {"bf16", {}}, {"fp32", {}}};

struct Setting {
  std::string trace;
  LoweringPolicy policy;

  std::string text() const {
    return trace + " " + policy.formats.format.name + " mode " +
           std::to_string(static_cast<int>(policy.mode)) + " transpose " +
           std::to_string(static_cast<int>(policy.formats.transpose)) + " storage " +
           std::to_string(static_cast<int>(policy.formats.storage)) + " micro-batches " +
           std::to_string(policy.gradient_accumulation_steps);
  }
};

bool is_one_dimensional(const FormatPolicy& policy) {
  const BlockShape block = policy.block.value_or(policy.format.default_block);
  return policy.format.scale_bits > 0 && (block.rows == 1 || block.cols == 1);
}

std::vector<Setting> all_settings() {
  std::vector<Setting> settings;
  for (const std::string trace :
       {"resnet18", "resnet50", "mobilenet_v2", "deit_tiny", "tiny_cnn", "tiny_vit"})
    for (const Mode mode : {Mode::kTrain, Mode::kInfer})
      for (const FormatChoice& format : kFormats)
        for (const auto transpose :
             {TransposePolicy::kReuse, TransposePolicy::kDual, TransposePolicy::kRequantize})
          for (const auto storage : {StoragePolicy::kAll, StoragePolicy::kOperands,
                                     StoragePolicy::kWeightsActivations, StoragePolicy::kNone}) {
            LoweringPolicy policy;
            policy.mode = mode;
            policy.batch = 3;
            policy.wide = parse_format("bf16");
            policy.formats.format = parse_format(format.name);
            policy.formats.block = format.block;
            policy.formats.transpose = transpose;
            policy.formats.storage = storage;
            const bool refused = transpose == TransposePolicy::kReuse && mode == Mode::kTrain &&
                                 is_one_dimensional(policy.formats);
            // Large networks add layers, not policies.
            const bool large = !trace.starts_with("tiny") && trace != "resnet18";
            const bool repeated = large && storage != StoragePolicy::kOperands;
            if (refused || repeated) continue;
            settings.push_back({trace, policy});
            if (large || mode == Mode::kInfer) continue;
            policy.gradient_accumulation_steps = policy.batch;
            settings.push_back({trace, policy});
          }
  return settings;
}

using Law = void (*)(const Setting&, const ShapedGraph&, const OpList&);

void for_all(Law law) {
  for (const Setting& setting : all_settings()) {
    SCOPED_TRACE(setting.text());
    const Graph graph = load_trace(MXSIM_ROOT "/traces/" + setting.trace + ".json");
    law(setting, shape_graph(graph, setting.policy.batch), lower(graph, setting.policy));
    if (testing::Test::HasFailure()) return;
  }
}

std::vector<TensorWrite> writes(const OpGroup& group) {
  std::vector<TensorWrite> all = group.writes;
  all.insert(all.end(), group.reduction_writes.begin(), group.reduction_writes.end());
  return all;
}

/// Tensors that exist before the step: inputs, parameters, optimizer states, running statistics.
bool is_given(const OpList& list, const Setting& setting, TensorId id) {
  const StoredTensor& tensor = list.tensors[id];
  switch (tensor.role) {
    case TensorRole::kMasterWeight:
    case TensorRole::kOptimizerState:
      return true;
    case TensorRole::kWeight:
      return true;
    case TensorRole::kActivation:
      return tensor.name.starts_with("image@") || tensor.name.starts_with("image#");
    default:
      return tensor.name.starts_with("loss.labels") || tensor.name.find(".running") < 99 ||
             (setting.policy.mode == Mode::kInfer && tensor.name.find(".affine") < 99);
  }
}

TEST(LoweringLaws, EveryTensorReadWasWrittenBeforeOrIsGiven) {
  for_all([](const Setting& setting, const ShapedGraph&, const OpList& list) {
    std::set<TensorId> written;
    for (const OpGroup& group : list.groups) {
      for (const TensorId id : tensors_read(group)) {
        ASSERT_TRUE(written.contains(id) || is_given(list, setting, id))
            << group.layer << " " << group.op << " reads " << list.tensors.at(id).name;
      }
      for (const TensorWrite& write : writes(group)) written.insert(write.tensor);
    }
  });
}

TEST(LoweringLaws, NothingIsWrittenInVain) {
  for_all([](const Setting& setting, const ShapedGraph&, const OpList& list) {
    std::set<TensorId> needed;
    for (const OpGroup& group : list.groups) {
      for (const TensorId id : tensors_read(group)) needed.insert(id);
    }
    for (const StoredTensor& tensor : list.tensors) {
      const auto id = static_cast<TensorId>(&tensor - list.tensors.data());
      const std::string value = tensor.name.substr(0, tensor.name.find_first_of("#@"));
      const bool is_result =
          setting.policy.mode == Mode::kTrain ? value == "loss" : value == "loss.probabilities";
      EXPECT_TRUE(needed.contains(id) || is_result) << tensor.name;
    }
  });
}

TEST(LoweringLaws, StoredTensorsHaveNamesOfTheirOwn) {
  for_all([](const Setting&, const ShapedGraph&, const OpList& list) {
    std::set<std::string> names;
    for (const StoredTensor& tensor : list.tensors) {
      EXPECT_TRUE(names.insert(tensor.name).second) << tensor.name;
    }
  });
}

TEST(LoweringLaws, TrainingMultipliesThreeTimesForwardLessTheFirstDataGradient) {
  for_all([](const Setting& setting, const ShapedGraph& graph, const OpList& list) {
    std::int64_t macs = 0;
    for (const OpGroup& group : list.groups) {
      for (const GemmWork& gemm : group.gemms) macs += gemm.macs();
    }
    if (setting.policy.mode == Mode::kInfer) {
      EXPECT_EQ(macs, graph.macs);
    } else if (setting.trace != "tiny_cnn") {  // its odd extents leave phases that differ
      EXPECT_EQ(macs, 3 * graph.macs - forward_macs(graph.layers[0]));
    }
  });
}

/// A matrix of all batch elements and groups whose single ones are rows x cols.
void expect_matrix(const GemmWork& gemm, GroupAxis axis, const StoredTensor& tensor,
                   std::int64_t rows, std::int64_t cols) {
  const bool below = axis == GroupAxis::kRows;
  EXPECT_EQ(tensor.rows, rows * gemm.batch * (below ? gemm.groups : 1)) << tensor.name;
  EXPECT_EQ(tensor.cols, cols * (below ? 1 : gemm.groups)) << tensor.name;
}

void expect_operands_fit(const OpList& list, const OpGroup& group, const GemmWork& gemm) {
  const StoredTensor& b = list.tensors[gemm.b];
  expect_matrix(gemm, gemm.a_groups, list.tensors[gemm.a], gemm.images * gemm.h.in * gemm.w.in,
                gemm.channels);
  const std::int64_t kernel = gemm.h.kernel * gemm.w.kernel;
  const StoredTensor grid{"grid", TensorRole::kActivation, group.rows, group.cols, {}};
  if (gemm.kind == GemmKind::kWeightGradient) {
    expect_matrix(gemm, gemm.b_groups, b, gemm.positions(), gemm.n);
    expect_matrix(gemm, gemm.result_groups, grid, gemm.gemm_m(), gemm.n);
  } else if (gemm.b_orientation == Orientation::kAsStored) {
    expect_matrix(gemm, gemm.b_groups, b, kernel * gemm.channels, gemm.n);
  } else {
    expect_matrix(gemm, gemm.b_groups, b, kernel * gemm.n, gemm.channels);
  }
}

TEST(LoweringLaws, OperandsAndGridsFitTheGemms) {
  for_all([](const Setting&, const ShapedGraph&, const OpList& list) {
    for (const OpGroup& group : list.groups) {
      SCOPED_TRACE(group.layer + " " + group.op);
      std::int64_t results = 0;
      for (const GemmWork& gemm : group.gemms) {
        expect_operands_fit(list, group, gemm);
        results += gemm.gemm_m() * gemm.n * gemm.products();
      }
      EXPECT_TRUE(group.gemms.empty() || results == group.elements());
    }
  });
}

TEST(LoweringLaws, BlocksOfAnOperandRunAlongItsReduction) {
  for_all([](const Setting&, const ShapedGraph&, const OpList& list) {
    for (const OpGroup& group : list.groups) {
      for (const GemmWork& gemm : group.gemms) {
        const bool window = gemm.kind == GemmKind::kWindow;
        const bool transposed = gemm.b_orientation == Orientation::kTransposed;
        const BlockShape a = gemm.block_a;
        const BlockShape b = gemm.block_b;
        EXPECT_TRUE(gemm.format_a.scale_bits == 0 || (window ? a.cols : a.rows) > 1);
        EXPECT_TRUE(gemm.format_b.scale_bits == 0 || (transposed ? b.cols : b.rows) > 1);
      }
    }
  });
}

TEST(LoweringLaws, StoredLayoutsAreWhatIsMultipliedOrWide) {
  for_all([](const Setting& setting, const ShapedGraph&, const OpList& list) {
    const bool none = setting.policy.formats.storage == StoragePolicy::kNone;
    for (const OpGroup& group : list.groups) {
      for (const GemmWork& gemm : group.gemms) {
        const DataLayout& stored = list.tensors[gemm.a].layout;
        const DataLayout multiplied{gemm.format_a, gemm.block_a};
        const bool same = stored == multiplied;
        const bool wide = stored.format == setting.policy.wide;
        EXPECT_TRUE(same || wide);
        EXPECT_TRUE(wide || !none || gemm.format_a.scale_bits == 0);
      }
    }
  });
}

TEST(LoweringLaws, EncodingsFollowTheStoredFormat) {
  for_all([](const Setting&, const ShapedGraph&, const OpList& list) {
    for (const OpGroup& group : list.groups) {
      for (const TensorWrite& write : writes(group)) {
        const FormatSpec& format = list.tensors[write.tensor].layout.format;
        const Encoding expected = format.scale_bits > 0   ? Encoding::kQuantize
                                  : format.name == "bf16" ? Encoding::kConvert
                                                          : Encoding::kNone;
        EXPECT_EQ(write.encoding, expected) << list.tensors[write.tensor].name;
      }
    }
  });
}

TEST(LoweringLaws, NothingNarrowIsReadByVectorStepsWithoutDecoding) {
  for_all([](const Setting& setting, const ShapedGraph&, const OpList& list) {
    for (const OpGroup& group : list.groups) {
      std::int64_t narrow = 0;
      for (const TensorId id : group.streamed_reads) {
        const StoredTensor& tensor = list.tensors[id];
        if (tensor.layout.format.scale_bits > 0) {
          narrow += ceil_div(tensor.rows * tensor.cols, group.elements());
        }
      }
      std::int64_t decoded = 0;
      for (const VectorOps& ops : group.vector_ops) {
        if (ops.op == Event::kRequantDecode) decoded += ops.per_element;
      }
      EXPECT_EQ(decoded, narrow) << group.layer << " " << group.op;
      const bool all = setting.policy.formats.storage == StoragePolicy::kAll;
      EXPECT_TRUE(all || group.op == "requantize" || narrow == 0);
    }
  });
}

TEST(LoweringLaws, EveryParameterIsUpdatedOnceAndOnlyInTraining) {
  for_all([](const Setting& setting, const ShapedGraph& graph, const OpList& list) {
    std::int64_t updated = 0;
    for (const OpGroup& group : list.groups) {
      if (group.pass == Pass::kUpdate) updated += group.elements();
    }
    EXPECT_EQ(updated, setting.policy.mode == Mode::kTrain ? graph.parameters : 0);
  });
}

TEST(LoweringLaws, GradientsHaveTheShapesOfTheirTensors) {
  for_all([](const Setting&, const ShapedGraph&, const OpList& list) {
    std::map<std::string, const StoredTensor*> by_value;
    const auto value_of = [](const StoredTensor& t) { return t.name.substr(0, t.name.find('@')); };
    for (const StoredTensor& tensor : list.tensors) by_value[value_of(tensor)] = &tensor;
    for (const StoredTensor& tensor : list.tensors) {
      const std::string value = value_of(tensor);
      const std::size_t suffix = value.find(".grad");
      if (suffix == std::string::npos) continue;
      const auto original = by_value.find(value.substr(0, suffix));
      if (original == by_value.end()) continue;  // fused away
      EXPECT_EQ(tensor.rows, original->second->rows) << tensor.name;
      EXPECT_EQ(tensor.cols, original->second->cols) << tensor.name;
    }
  });
}

TEST(LoweringLaws, TheSameInputGivesTheSameList) {
  const Graph graph = load_trace(MXSIM_ROOT "/traces/tiny_cnn.json");
  const LoweringPolicy policy = all_settings().front().policy;
  const OpList first = lower(graph, policy);
  const OpList second = lower(graph, policy);
  ASSERT_EQ(first.groups.size(), second.groups.size());
  for (std::size_t i = 0; i < first.groups.size(); ++i) {
    EXPECT_EQ(first.groups[i].op, second.groups[i].op);
    EXPECT_EQ(first.groups[i].streamed_reads, second.groups[i].streamed_reads);
  }
}

}  // namespace
}  // namespace mxsim
