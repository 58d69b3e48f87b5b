#include "models/memory/built_buffer.h"

#include <algorithm>

#include "models/core/error.h"

namespace mxsim {
namespace {

StoredElements stored(BufferRole role, const BufferContents& widest) {
  switch (role) {
    case BufferRole::kActivations:
      return widest.left;
    case BufferRole::kWeights:
      return widest.right;
    case BufferRole::kGradients:
      return {std::max(widest.left.bits, widest.right.bits),
              std::max(widest.left.vector_bits, widest.right.vector_bits),
              std::max(widest.left.vectors, widest.right.vectors)};
    case BufferRole::kAccumulators:
      return widest.sum;
    case BufferRole::kStreams:  // FP32 as well, but no array waits for words of its own
      return {widest.sum.bits, widest.sum.vector_bits, 1};
  }
  throw InternalError("a buffer role without elements");
}

}  // namespace

Unit unit_of(BufferRole role) {
  switch (role) {
    case BufferRole::kActivations:
      return Unit::kSramInput;
    case BufferRole::kWeights:
      return Unit::kSramWeight;
    case BufferRole::kGradients:
      return Unit::kSramGradient;
    case BufferRole::kAccumulators:
      return Unit::kSramAccumulator;
    case BufferRole::kStreams:
      return Unit::kSramStream;
  }
  throw InternalError("a buffer role without a unit");
}

std::vector<BuiltBuffer> built_buffers(const BufferSet& buffers, const BufferContents& widest) {
  std::vector<BuiltBuffer> built;
  for (const auto& [name, spec] : buffers) {
    BuiltBuffer buffer{name, spec, 0, 1, {}};
    const std::vector<std::int64_t> banks = spec.banks_by_role();
    for (std::size_t i = 0; i < spec.roles.size(); ++i) {
      const BufferRole role = spec.roles[i];
      const StoredElements elements = stored(role, widest);
      buffer.word_bits = std::max(buffer.word_bits, sram_word_bits(spec, elements));
      buffer.groups = std::max(buffer.groups, bank_groups(spec, elements.vectors));
      buffer.parts.push_back({unit_of(role), banks.at(i)});
    }
    built.push_back(std::move(buffer));
  }
  return built;
}

std::optional<SramGeometry> geometry_of(Unit unit, const std::vector<BuiltBuffer>& buffers) {
  for (std::size_t number = 0; number < buffers.size(); ++number) {
    const BuiltBuffer& buffer = buffers[number];
    for (const BuiltBuffer::Part& part : buffer.parts) {
      if (part.unit != unit) continue;
      return SramGeometry(buffer.spec, buffer.word_bits, part.banks, buffer.groups, number);
    }
  }
  return std::nullopt;
}

}  // namespace mxsim
