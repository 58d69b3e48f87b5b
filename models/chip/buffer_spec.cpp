#include "models/chip/buffer_spec.h"

#include <algorithm>
#include <utility>

namespace mxsim {

bool BufferSpec::serves(BufferRole role) const {
  return std::find(roles.begin(), roles.end(), role) != roles.end();
}

Bytes capacity(const BufferSet& buffers) {
  Bytes sum{0};
  for (const auto& [name, buffer] : buffers) sum += buffer.bytes;
  return sum;
}

BufferSet separate_buffers(BufferSpec input, BufferSpec weight, BufferSpec accumulator) {
  input.roles = {BufferRole::kActivations};
  weight.roles = {BufferRole::kWeights};
  accumulator.roles = {BufferRole::kAccumulators};
  return {{"input", std::move(input)},
          {"weight", std::move(weight)},
          {"accumulator", std::move(accumulator)}};
}

}  // namespace mxsim
