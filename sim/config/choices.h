#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "models/chip/chip_spec.h"
#include "models/core/did_you_mean.h"
#include "models/core/error.h"
#include "models/mapping/plan/plan_policy.h"
#include "models/workload/format_policy.h"
#include "sim/config/binder.h"

namespace mxsim {

// Names of enumerations in files and on the command line.

inline constexpr std::array<Choice<Dataflow>, 3> kDataflowNames{
    {{"ws", Dataflow::kWeightStationary},
     {"os", Dataflow::kOutputStationary},
     {"is", Dataflow::kInputStationary}}};

inline constexpr std::array<Choice<Accumulator>, 4> kAccumulatorNames{
    {{"fp32", Accumulator::kFp32},
     {"bf16", Accumulator::kBf16},
     {"exact_block", Accumulator::kExactBlock},
     {"fixed", Accumulator::kFixed}}};

inline constexpr std::array<Choice<WeightBuffering>, 2> kWeightBufferingNames{
    {{"single", WeightBuffering::kSingle}, {"double", WeightBuffering::kDouble}}};

inline constexpr std::array<Choice<ArrayTiming>, 2> kArrayTimingNames{
    {{"native", ArrayTiming::kNative}, {"scalesim", ArrayTiming::kScaleSim}}};

inline constexpr std::array<Choice<ZeroGating>, 2> kZeroGatingNames{
    {{"off", ZeroGating::kOff}, {"on", ZeroGating::kOn}}};

inline constexpr std::array<Choice<Fidelity>, 2> kFidelityNames{
    {{"tile", Fidelity::kTile}, {"pe", Fidelity::kPe}}};

inline constexpr std::array<Choice<TransposePolicy>, 6> kTransposePolicyNames{
    {{"auto", TransposePolicy::kAuto},
     {"reuse", TransposePolicy::kReuse},
     {"dual", TransposePolicy::kDual},
     {"requantize", TransposePolicy::kRequantize},
     {"requantize-on-load", TransposePolicy::kRequantizeOnLoad},
     {"bf16-copy", TransposePolicy::kWideCopy}}};

inline constexpr std::array<Choice<GroupOverlap>, 2> kGroupOverlapNames{
    {{"on", GroupOverlap::kOn}, {"off", GroupOverlap::kOff}}};

inline constexpr std::array<Choice<AttentionFusion>, 3> kAttentionFusionNames{
    {{"on", AttentionFusion::kOn},
     {"off", AttentionFusion::kOff},
     {"auto", AttentionFusion::kAuto}}};

inline constexpr std::array<Choice<MappingObjective>, 4> kMappingObjectiveNames = [] {
  std::array<Choice<MappingObjective>, 4> names{};
  for (std::size_t i = 0; i < names.size(); ++i) {
    names[i] = {kMappingObjectives[i].name, kMappingObjectives[i].objective};
  }
  return names;
}();

inline constexpr std::array<Choice<LoopOrder>, 6> kLoopOrderNames = [] {
  std::array<Choice<LoopOrder>, 6> names{};
  for (std::size_t i = 0; i < names.size(); ++i) {
    names[i] = {kLoopOrders[i].name, kLoopOrders[i].order};
  }
  return names;
}();

inline constexpr std::array<Choice<StoragePolicy>, 4> kStoragePolicyNames{
    {{"all", StoragePolicy::kAll},
     {"operands", StoragePolicy::kOperands},
     {"weights_activations", StoragePolicy::kWeightsActivations},
     {"none", StoragePolicy::kNone}}};

inline constexpr std::array<Choice<TensorScale>, 2> kTensorScaleNames{
    {{"delayed", TensorScale::kDelayed}, {"current", TensorScale::kCurrent}}};

inline constexpr std::array<Choice<ElementwiseReads>, 2> kElementwiseReadsNames{
    {{"wide", ElementwiseReads::kWide}, {"narrow", ElementwiseReads::kNarrow}}};

inline constexpr std::array<Choice<AccessPrice>, 3> kAccessPriceNames{
    {{"technology", AccessPrice::kTechnology},
     {"macro", AccessPrice::kMacro},
     {"bank", AccessPrice::kBank}}};

inline constexpr std::array<Choice<BufferRole>, 5> kBufferRoleNames{
    {{"activations", BufferRole::kActivations},
     {"weights", BufferRole::kWeights},
     {"gradients", BufferRole::kGradients},
     {"accumulators", BufferRole::kAccumulators},
     {"streams", BufferRole::kStreams}}};

inline constexpr std::array<Choice<TransposedRead>, 3> kTransposedReadNames{
    {{"transposer", TransposedRead::kTransposer},
     {"gather", TransposedRead::kGather},
     {"second_port", TransposedRead::kSecondPort}}};

inline constexpr std::array<Choice<DramLayout>, 3> kDramLayoutNames{
    {{"row_major", DramLayout::kRowMajor},
     {"tile_major", DramLayout::kTileMajor},
     {"auto", DramLayout::kAuto}}};

inline constexpr std::array<Choice<ScalePlace>, 2> kScalePlaceNames{
    {{"apart", ScalePlace::kApart}, {"beside", ScalePlace::kBeside}}};

inline constexpr std::array<Choice<BufferLayout>, 2> kBufferLayoutNames{
    {{"partitioned", BufferLayout::kPartitioned}, {"interleaved", BufferLayout::kInterleaved}}};

template <class Enum, std::size_t N>
std::vector<std::string> choice_names(const std::array<Choice<Enum>, N>& choices) {
  std::vector<std::string> names;
  for (const Choice<Enum>& choice : choices) names.emplace_back(choice.name);
  return names;
}

/// The value of that name; throws InputError `got "wss", expected one of ws, os, is, did you mean
/// "ws"?` under the pointer `what`.
template <class Enum, std::size_t N>
Enum parse_choice(std::string_view name, const std::array<Choice<Enum>, N>& choices,
                  const std::string& what) {
  std::string expected;
  for (const Choice<Enum>& choice : choices) {
    if (choice.name == name) return choice.value;
    expected += (expected.empty() ? "" : ", ") + std::string(choice.name);
  }
  throw InputError({{"", what,
                     "got \"" + std::string(name) + "\", expected one of " + expected +
                         did_you_mean(name, choice_names(choices))}});
}

template <class Enum, std::size_t N>
std::string_view choice_name(Enum value, const std::array<Choice<Enum>, N>& choices) {
  for (const Choice<Enum>& choice : choices) {
    if (choice.value == value) return choice.name;
  }
  throw InternalError("an enumeration value that its table of choices does not name");
}

}  // namespace mxsim
