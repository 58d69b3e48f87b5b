#include "models/workload/optimizer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "models/formats/format_table.h"
#include "models/workload/lower.h"
#include "tests/support/small_graphs.h"

namespace mxsim {
namespace {

constexpr std::int64_t kTokens = 32;
constexpr std::int64_t kIn = 64;
constexpr std::int64_t kOut = 96;
constexpr std::int64_t kWeights = kIn * kOut;

/// A number that counts the operations it takes part in; factors known before the step are plain
/// doubles, and products of these cost nothing.
struct Counted {
  static inline std::map<Event, std::int64_t> ops;
  static Counted count(Event event) {
    ++ops[event];
    return {};
  }
  friend Counted operator+(Counted, Counted) { return count(Event::kVectorAdd); }
  friend Counted operator-(Counted, Counted) { return count(Event::kVectorAdd); }
  friend Counted operator+(Counted, double) { return count(Event::kVectorAdd); }
  friend Counted operator*(Counted, Counted) { return count(Event::kVectorMul); }
  friend Counted operator*(double, Counted) { return count(Event::kVectorMul); }
  friend Counted operator/(Counted, Counted) { return count(Event::kVectorDivide); }
};
Counted sqrt(Counted) { return Counted::count(Event::kVectorSqrt); }
Counted sign(Counted) { return Counted::count(Event::kVectorCompare); }

constexpr double kRate = 0.1;
constexpr double kDecay = 0.01;
constexpr double kFirst = 0.9;
constexpr double kSecond = 0.99;
constexpr double kTiny = 1e-8;

/// Each optimizer as its authors write it; g: gradient, w: parameter.
void apply(Optimizer optimizer, Counted g, Counted w) {
  Counted m;
  Counted v;
  switch (optimizer) {
    case Optimizer::kSgd:
      w = w - kRate * (g + kDecay * w);
      return;
    case Optimizer::kSgdMomentum:
      m = kFirst * m + (g + kDecay * w);
      w = w - kRate * m;
      return;
    case Optimizer::kSgdNesterov:
      g = g + kDecay * w;
      m = kFirst * m + g;
      w = w - kRate * (g + kFirst * m);
      return;
    case Optimizer::kAdam:
      g = g + kDecay * w;
      m = kFirst * m + (1 - kFirst) * g;
      v = kSecond * v + (1 - kSecond) * (g * g);
      w = w - kRate * (m / (sqrt(v) + kTiny));
      return;
    case Optimizer::kAdamW:
      m = kFirst * m + (1 - kFirst) * g;
      v = kSecond * v + (1 - kSecond) * (g * g);
      w = (1 - kRate * kDecay) * w - kRate * (m / (sqrt(v) + kTiny));
      return;
    case Optimizer::kLion:
      w = (1 - kRate * kDecay) * w - kRate * sign(kFirst * m + (1 - kFirst) * g);
      m = kSecond * m + (1 - kSecond) * g;
      return;
    case Optimizer::kAdafactor:
      FAIL() << "of a matrix: in several steps";
  }
}

LoweringPolicy policy_of(Optimizer optimizer) {
  LoweringPolicy policy;
  policy.batch = kTokens;
  policy.wide = parse_format("bf16");
  policy.formats.format = parse_format("mxsf");
  policy.training.optimizer = optimizer;
  return policy;
}

OpList two_layers(const LoweringPolicy& policy) { return lower(mlp({32, kIn, kOut}), policy); }

/// Operations of the groups of fc2 in the pass, by event.
std::map<Event, std::int64_t> operations(const OpList& list, Pass pass) {
  std::map<Event, std::int64_t> ops;
  for (const OpGroup& group : list.groups) {
    if (group.layer != "fc2" || group.pass != pass) continue;
    for (const VectorOps& one : group.vector_ops) {
      ops[one.op] += one.per_element * group.elements() + one.per_row * group.rows;
    }
  }
  return ops;
}

struct Traffic {
  std::int64_t read = 0;
  std::int64_t written = 0;
};

Traffic update_traffic(const OpList& list) {
  Traffic traffic;
  for (const OpGroup& group : list.groups) {
    if (group.layer != "fc2" || group.pass != Pass::kUpdate) continue;
    for (const TensorId id : group.streamed_reads) traffic.read += list.tensors[id].bytes().count();
    for (const TensorWrite& write : group.writes) {
      traffic.written += list.tensors[write.tensor].bytes().count();
    }
  }
  return traffic;
}

bool holds(const OpList& list, const std::string& prefix) {
  return std::any_of(list.tensors.begin(), list.tensors.end(),
                     [&](const StoredTensor& tensor) { return tensor.name.starts_with(prefix); });
}

TEST(Optimizers, CostTheOperationsOfTheirFormulas) {
  for (const Optimizer optimizer :
       {Optimizer::kSgd, Optimizer::kSgdMomentum, Optimizer::kSgdNesterov, Optimizer::kAdam,
        Optimizer::kAdamW, Optimizer::kLion}) {
    Counted::ops.clear();
    apply(optimizer, {}, {});
    std::map<Event, std::int64_t> expected;
    for (const auto& [event, count] : Counted::ops) expected[event] = count * kWeights;
    EXPECT_EQ(operations(two_layers(policy_of(optimizer)), Pass::kUpdate), expected)
        << static_cast<int>(optimizer);
  }
}

// Bytes a parameter: BF16 gradient 2, FP32 master 4, states 4 each; mxsf tiles 65 / 64.
TEST(Optimizers, MoveGradientMasterStatesAndOperandCopies) {
  const std::map<Optimizer, std::int64_t> states{
      {Optimizer::kSgd, 0},  {Optimizer::kSgdMomentum, 1}, {Optimizer::kSgdNesterov, 1},
      {Optimizer::kAdam, 2}, {Optimizer::kAdamW, 2},       {Optimizer::kLion, 1}};
  for (const auto& [optimizer, count] : states) {
    const Traffic traffic = update_traffic(two_layers(policy_of(optimizer)));
    EXPECT_EQ(traffic.read, kWeights * (2 + 4 + 4 * count)) << static_cast<int>(optimizer);
    EXPECT_EQ(traffic.written, kWeights * (4 + 4 * count) + kWeights * 65 / 64);
  }
}

// Adam in FP32 throughout, as tables of training memory state it: 16 bytes read, 12 written.
TEST(Optimizers, AdamInFp32Reads16BytesAndWrites12) {
  LoweringPolicy policy = policy_of(Optimizer::kAdam);
  policy.wide = parse_format("fp32");
  policy.formats.format = parse_format("fp32");
  const Traffic traffic = update_traffic(two_layers(policy));
  EXPECT_EQ(traffic.read, 16 * kWeights);
  EXPECT_EQ(traffic.written, 12 * kWeights);
}

TEST(Optimizers, AdafactorKeepsRowsAndColumnsOfAMatrix) {
  const OpList list = two_layers(policy_of(Optimizer::kAdafactor));
  std::int64_t states = 0;
  for (const StoredTensor& tensor : list.tensors) {
    const bool of_layer = tensor.name.starts_with("fc2.");
    if (of_layer && tensor.role == TensorRole::kOptimizerState) {
      states += tensor.rows * tensor.cols;
    }
  }
  EXPECT_EQ(states, kIn + kOut);
  // g g + e into two sums; r_i c_j, its root, times g, decay and step; twice b s + (1 - b) x and a
  // sum for the mean.
  const std::map<Event, std::int64_t> expected{{Event::kVectorMul, 5 * kWeights + 2 * (kIn + kOut)},
                                               {Event::kVectorAdd, 4 * kWeights + 2 * (kIn + kOut)},
                                               {Event::kVectorSqrt, kWeights}};
  std::map<Event, std::int64_t> ops = operations(list, Pass::kUpdate);
  for (const auto& [event, count] : operations(list, Pass::kBackwardWeight)) ops[event] += count;
  EXPECT_EQ(ops, expected);
}

TEST(Optimizers, NarrowStatesMoveTheirBytesAndAreDecoded) {
  LoweringPolicy policy = policy_of(Optimizer::kAdamW);
  policy.training.state = parse_format("mxint8");
  const OpList list = two_layers(policy);
  // 1x32 blocks: 8.25 bits.
  EXPECT_EQ(update_traffic(list).read, kWeights * 6 + 2 * kWeights * 33 / 32);
  EXPECT_EQ(operations(list, Pass::kUpdate)[Event::kRequantDecode], 2 * kWeights);
}

TEST(MasterWeights, AreFp32OrWideOrTheOperandCopiesThemselves) {
  LoweringPolicy policy = policy_of(Optimizer::kSgd);
  policy.training.master = MasterWeights::kWide;
  EXPECT_EQ(update_traffic(two_layers(policy)).read, kWeights * (2 + 2));
  EXPECT_EQ(update_traffic(two_layers(policy)).written, kWeights * 2 + kWeights * 65 / 64);
  policy.training.master = MasterWeights::kNone;
  const OpList list = two_layers(policy);
  EXPECT_EQ(update_traffic(list).read, kWeights * 2 + kWeights * 65 / 64);
  EXPECT_EQ(update_traffic(list).written, kWeights * 65 / 64);
  EXPECT_FALSE(holds(list, "fc2.weight.master"));
  EXPECT_EQ(operations(list, Pass::kUpdate)[Event::kRequantDecode], kWeights);
}

TEST(MasterWeights, WideOperandsAreTheWideMasterItself) {
  LoweringPolicy policy = policy_of(Optimizer::kSgd);
  policy.formats.format = parse_format("bf16");
  policy.training.master = MasterWeights::kWide;
  EXPECT_EQ(update_traffic(two_layers(policy)).written, kWeights * 2);
}

std::map<Event, std::int64_t> backward_and_update(const OpList& list) {
  std::map<Event, std::int64_t> ops = operations(list, Pass::kUpdate);
  for (const auto& [event, count] : operations(list, Pass::kBackwardWeight)) ops[event] += count;
  return ops;
}

TEST(GradientClipping, SumsSquaresBesideTheGradientAndScalesIt) {
  LoweringPolicy policy = policy_of(Optimizer::kSgd);
  const Traffic plain = update_traffic(two_layers(policy));
  policy.training.clips_gradients = true;
  const OpList list = two_layers(policy);
  EXPECT_EQ(update_traffic(list).read, plain.read);
  std::map<Event, std::int64_t> ops = backward_and_update(list);
  // A square and a sum, then the factor; two gradients' norms are added.
  EXPECT_EQ(ops[Event::kVectorMul], (2 + 1 + 1) * kWeights);
  EXPECT_EQ(ops[Event::kVectorAdd], (2 + 1) * kWeights + 2);
  EXPECT_EQ(ops[Event::kVectorSqrt], 1);
  std::size_t factor = list.groups.size();
  for (std::size_t g = 0; g < list.groups.size(); ++g) {
    if (list.groups[g].op == "gradient_factor") factor = g;
    if (list.groups[g].op == "sgd") {
      EXPECT_GT(g, factor);
    }
  }
  EXPECT_LT(factor, list.groups.size());
}

// Of each micro-batch alone the norm means nothing: the FP32 sum is read once more.
TEST(GradientClipping, OfSeveralMicroBatchesReadsTheirSumOnceMore) {
  LoweringPolicy policy = policy_of(Optimizer::kSgd);
  policy.gradient_accumulation_steps = 2;
  const OpList plain = two_layers(policy);
  policy.training.clips_gradients = true;
  const OpList clipped = two_layers(policy);
  EXPECT_EQ(update_traffic(clipped).read, update_traffic(plain).read + 4 * kWeights);
  EXPECT_EQ(operations(clipped, Pass::kBackwardWeight), operations(plain, Pass::kBackwardWeight));
}

TEST(LossScaling, SearchesEveryGradientBeforeTheUpdate) {
  LoweringPolicy policy = policy_of(Optimizer::kSgd);
  policy.training.scales_loss = true;
  std::map<Event, std::int64_t> ops = backward_and_update(two_layers(policy));
  EXPECT_EQ(ops[Event::kVectorCompare], kWeights + 2);
  EXPECT_EQ(ops[Event::kVectorMul], (2 + 1) * kWeights);
}

std::int64_t total_elements(const OpList& list, Event event) {
  std::int64_t count = 0;
  for (const OpGroup& group : list.groups) {
    for (const VectorOps& ops : group.vector_ops) {
      if (ops.op == event) count += ops.per_element * group.elements();
    }
  }
  return count;
}

TEST(UpdatePlacement, EarlyUpdatesStandBesideTheBackwardPassOfEarlierLayers) {
  LoweringPolicy policy = policy_of(Optimizer::kAdam);
  const OpList end = two_layers(policy);
  policy.training.placement = UpdatePlacement::kEarly;
  const OpList early = two_layers(policy);
  const auto place = [](const OpList& list, const char* layer, Pass pass) {
    const auto found = std::find_if(
        list.groups.begin(), list.groups.end(),
        [&](const OpGroup& group) { return group.layer == layer && group.pass == pass; });
    return found - list.groups.begin();
  };
  EXPECT_LT(place(early, "fc2", Pass::kUpdate), place(early, "fc1", Pass::kBackwardWeight));
  EXPECT_GT(place(end, "fc2", Pass::kUpdate), place(end, "fc1", Pass::kBackwardWeight));
  EXPECT_EQ(early.groups.size(), end.groups.size());
  EXPECT_EQ(early.tensors.size(), end.tensors.size());
}

TEST(UpdatePlacement, FusedUpdatesKeepGradientsOffDramAndComeAfterEveryReader) {
  LoweringPolicy policy = policy_of(Optimizer::kAdam);
  const OpList end = two_layers(policy);
  policy.training.placement = UpdatePlacement::kFused;
  const OpList fused = two_layers(policy);
  EXPECT_TRUE(holds(end, "fc2.weight.grad@"));
  EXPECT_FALSE(holds(fused, "fc2.weight.grad@"));
  EXPECT_EQ(total_elements(fused, Event::kVectorDivide), total_elements(end, Event::kVectorDivide));
  bool updated = false;
  for (const OpGroup& group : fused.groups) {
    if (group.layer != "fc2") continue;
    EXPECT_NE(group.pass, Pass::kUpdate);
    for (const GemmWork& gemm : group.gemms) {
      const bool reads_weight =
          fused.tensors[gemm.b].name.starts_with("fc2.weight@") && group.pass != Pass::kForward;
      EXPECT_FALSE(reads_weight && updated);
    }
    updated = updated || group.op == "linear+adam";
  }
  EXPECT_TRUE(updated);
}

}  // namespace
}  // namespace mxsim
