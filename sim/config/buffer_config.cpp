#include "sim/config/buffer_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <set>
#include <string>

#include "models/core/did_you_mean.h"
#include "sim/config/choices.h"

namespace mxsim {
namespace {

using enum BufferRole;

struct NamedRoles {
  const char* name;
  std::vector<BufferRole> roles;
};

const std::vector<NamedRoles>& named_roles() {
  static const std::vector<NamedRoles> kNamed{
      {"input", {kActivations}},  {"weight", {kWeights}},
      {"gradient", {kGradients}}, {"accumulator", {kAccumulators}},
      {"stream", {kStreams}},     {"shared", {kActivations, kWeights, kAccumulators}}};
  return kNamed;
}

void bind_roles(Binder& b, std::vector<BufferRole>& roles) {
  std::vector<std::string> names;
  for (const BufferRole role : roles) names.emplace_back(choice_name(role, kBufferRoleNames));
  b.texts({"roles", "",
           "what it holds: activations, weights, gradients, accumulators, streams (results of "
           "layers without a GEMM on their way to DRAM; without such a buffer they pass that of "
           "the accumulators); left out: by its name (input, weight, gradient, accumulator, "
           "stream, shared)"},
          names, {0, 5});
  if (b.describing()) return;
  roles.clear();
  for (const std::string& name : names) {
    try {
      roles.push_back(parse_choice(name, kBufferRoleNames, ""));
    } catch (const InputError& error) {
      b.fault("roles", error.diagnostics().front().message);
    }
  }
}

void check_roles(const std::string& name, const BufferSpec& buffer,
                 std::vector<Diagnostic>& faults) {
  if (buffer.roles.empty()) {
    std::vector<std::string> names;
    for (const NamedRoles& known : named_roles()) names.emplace_back(known.name);
    faults.push_back({"", "/" + name,
                      fmt::format("the name says no role and there is no key \"roles\"{}",
                                  did_you_mean(name, names))});
  }
  if (buffer.role_banks.empty()) {
    if (!buffer.roles.empty() && buffer.banks < static_cast<std::int64_t>(buffer.roles.size())) {
      faults.push_back({"", "/" + name + "/banks",
                        fmt::format("got {}, expected one or more for each of the {} roles",
                                    buffer.banks, buffer.roles.size())});
    }
    return;
  }
  const std::string pointer = "/" + name + "/role_banks";
  const std::int64_t sum =
      std::accumulate(buffer.role_banks.begin(), buffer.role_banks.end(), std::int64_t{0});
  if (buffer.role_banks.size() != buffer.roles.size()) {
    faults.push_back({"", pointer,
                      fmt::format("got {} numbers for {} roles", buffer.role_banks.size(),
                                  buffer.roles.size())});
  } else if (sum > buffer.banks) {
    faults.push_back(
        {"", pointer, fmt::format("the sum is {}, the buffer has {} banks", sum, buffer.banks)});
  }
}

/// Slots that own banks need one each.
void check_slots(const std::string& name, const BufferSpec& buffer,
                 std::vector<Diagnostic>& faults) {
  if (buffer.bytes.count() % buffer.banks != 0) {
    faults.push_back({"", "/" + name + "/bytes",
                      fmt::format("got {}, expected a multiple of the {} banks",
                                  buffer.bytes.count(), buffer.banks)});
  }
  if (buffer.layout == BufferLayout::kInterleaved) return;
  const std::vector<std::int64_t> parts = buffer.banks_by_role();
  for (const std::int64_t banks : std::set(parts.begin(), parts.end())) {
    const std::int64_t slots = buffer.slots_of(banks);
    if (banks >= slots || banks == 0) continue;  // check_roles() reports roles without banks
    faults.push_back({"", "/" + name + "/banks",
                      fmt::format("a role has {} bank{}, expected one or more for each of the {} "
                                  "slots: slots have banks of their own",
                                  banks, banks == 1 ? "" : "s", slots)});
  }
}

}  // namespace

void bind(Binder& b, BufferSpec& s) {
  b.integer({"bytes", "bytes", "capacity", Presence::kRequired}, s.bytes,
            {64, std::int64_t{1} << 32});
  b.integer({"banks", "", "banks; 1: one slot, no overlap, unless the layout is interleaved"},
            s.banks, {1, 256});
  b.integer(
      {"width_elements", "elements",
       "elements of the stored format in one word of a bank; 0: as many as one array moves in "
       "a step: rows or columns (results: columns), times the dot product width"},
      s.width_elements, {0, 4096});
  b.integer({"width_bits", "bits", "one word of a bank; 0: width_elements of the widest format"},
            s.width_bits, {0, 65536});
  b.integer({"ports", "", "read-write ports of a bank"}, s.ports, {1, 2});
  b.integer({"bank_groups", "",
             "sets of the banks, among which the bytes are shared: a grid's arrays reach different "
             "sets at once; 0: as many as vectors that differ: activations: grid rows, weights: "
             "grid columns, accumulators: arrays"},
            s.bank_groups, {0, 65536});
  b.integer({"slots", "",
             "ring of tiles in each role's part; 0: 2 (ping-pong), 1 where slots own banks and "
             "there is one"},
            s.slots, {0, 64});
  b.integer({"slices", "",
             "macros side by side that share the bytes and each word, such as one at every array "
             "column; every access goes to all of them"},
            s.slices, {1, 4096});
  b.choice({"access", "",
            "energy of an access: technology: as the technology file's /sram/access; macro: of the "
            "whole macro with the way to the bank; bank: of a macro as large as one bank"},
           s.access, kAccessPriceNames);
  b.choice(
      {"transposed_read", "",
       "vectors that do not lie along a stored row: transposer: 8x8 registers turn tiles at full "
       "rate; gather: a word for each element; second_port: cells with one more port give a "
       "column's word from each bank in a cycle. All but gather cost area, transposer and "
       "second_port energy"},
      s.transposed_read, kTransposedReadNames);
  b.choice({"layout", "",
            "where consecutive words lie: partitioned: in the banks of their slot, which nobody "
            "else uses; interleaved: in consecutive banks of the whole buffer, whose ports the "
            "array, the vector unit, the re-quantizer and the DMA share in this order of priority"},
           s.layout, kBufferLayoutNames);
  bind_roles(b, s.roles);
  b.integers({"role_banks", "banks", "banks' worth of capacity of each role; left out: equal"},
             s.role_banks, {1, 256}, {0, 5});
}

void bind(Binder& b, BufferSet& s) {
  b.map({"buffers", "", "SRAM buffers", Presence::kRequired}, s);
  for (auto& [name, buffer] : s) {
    if (!buffer.roles.empty()) continue;
    for (const NamedRoles& known : named_roles()) {
      if (name == known.name) buffer.roles = known.roles;
    }
  }
}

std::vector<Diagnostic> validate(const BufferSet& buffers) {
  std::vector<Diagnostic> faults;
  for (const auto& [name, buffer] : buffers) {
    check_roles(name, buffer, faults);
    check_slots(name, buffer, faults);
  }
  if (!faults.empty()) return faults;
  for (const Choice<BufferRole>& role : kBufferRoleNames) {
    std::vector<std::string> serving;
    for (const auto& [name, buffer] : buffers) {
      if (buffer.serves(role.value)) serving.push_back(name);
    }
    if (serving.size() > 1) {
      faults.push_back({"", "",
                        fmt::format("{} are in {}: a role belongs to one buffer", role.name,
                                    fmt::join(serving, " and "))});
    } else if (serving.empty() && role.value != kGradients && role.value != kStreams) {
      faults.push_back({"", "", fmt::format("no buffer holds the {}", role.name)});
    }
  }
  return faults;
}

}  // namespace mxsim
