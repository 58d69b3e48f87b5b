#include "models/chip/buffer_spec.h"

#include <algorithm>
#include <utility>

namespace mxsim {

bool BufferSpec::serves(BufferRole role) const {
  return std::find(roles.begin(), roles.end(), role) != roles.end();
}

bool BufferSpec::holds_operands() const {
  return std::any_of(roles.begin(), roles.end(), [](BufferRole role) {
    return role != BufferRole::kAccumulators && role != BufferRole::kStreams;
  });
}

std::int64_t BufferSpec::extra_ports() const {
  const bool by_columns = holds_operands() && transposed_read == TransposedRead::kSecondPort;
  return ports - 1 + (by_columns ? 1 : 0);
}

std::vector<std::int64_t> BufferSpec::banks_by_role() const {
  if (!role_banks.empty() || roles.empty()) return role_banks;
  return std::vector(roles.size(), banks / static_cast<std::int64_t>(roles.size()));
}

std::int64_t BufferSpec::slots_of(std::int64_t role_has) const {
  if (slots > 0) return slots;
  return role_has >= 2 || layout == BufferLayout::kInterleaved ? 2 : 1;
}

std::int64_t BufferSpec::banks_without_slot() const {
  if (layout == BufferLayout::kInterleaved) return 0;
  std::int64_t owned = 0;
  for (const std::int64_t role_has : banks_by_role())
    owned += role_has - role_has % slots_of(role_has);
  return banks - owned;
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
