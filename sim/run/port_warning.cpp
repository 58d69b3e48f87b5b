#include "sim/run/port_warning.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "models/mapping/chip/port_bound.h"
#include "models/workload/lower.h"

namespace mxsim {
namespace {

/// Layers by pass and their cycles, and which buffers' ports hold them up.
class Tally {
 public:
  void count(Cycles cycles, bool bound) {
    ++layers_;
    cycles_ += cycles;
    if (!bound) return;
    ++bound_layers_;
    bound_cycles_ += cycles;
  }
  void blame(const PortBound& bound, Cycles cycles) {
    auto& [sum, longest] = buffers_[bound.buffer];
    sum += cycles;
    if (bound.vector_bits >= longest.vector_bits) longest = bound;
  }
  bool is_most() const {
    return !buffers_.empty() && (bound_layers_ * 2 > layers_ || bound_cycles_ * 2 > cycles_);
  }
  const PortBound& worst() const {
    return std::max_element(
               buffers_.begin(), buffers_.end(),
               [](const auto& x, const auto& y) { return x.second.first < y.second.first; })
        ->second.second;
  }
  std::string text() const {
    return fmt::format(
        "SRAM ports, not the array, bound {} of {} layers with GEMMs, {:.1f} % of their cycles",
        bound_layers_, layers_,
        100.0 * static_cast<double>(bound_cycles_.count()) / static_cast<double>(cycles_.count()));
  }

 private:
  std::int64_t layers_ = 0;
  std::int64_t bound_layers_ = 0;
  Cycles cycles_{0};
  Cycles bound_cycles_{0};
  std::map<Unit, std::pair<Cycles, PortBound>> buffers_;
};

const std::pair<const std::string, BufferSpec>& buffer_of(Unit unit, const BufferSet& buffers) {
  const auto serving = std::find_if(buffers.begin(), buffers.end(), [&](const auto& each) {
    const std::vector<BufferRole>& roles = each.second.roles;
    return std::any_of(roles.begin(), roles.end(),
                       [&](BufferRole role) { return unit_of(role) == unit; });
  });
  ensure(serving != buffers.end(), "ports of a role that no buffer serves");
  return *serving;
}

/// The key of the buffer that would give the array more, and why.
std::string advice(const BufferSet& buffers, const MapperChip& mapper, const PortBound& bound) {
  const auto& [name, spec] = buffer_of(bound.buffer, buffers);
  const std::int64_t groups = mapper.buffer(bound.buffer).groups();
  const SramGeometry& geometry = mapper.buffer(bound.buffer);
  const std::string path = "/chip/buffers/" + name;
  if (bound.gathered) {
    return fmt::format("change {}/transposed_read: gather reads a word for each element", path);
  }
  if (geometry.word_bits() < bound.vector_bits && !spec.follows_array()) {
    return fmt::format("raise {}/{}: a word has {} bits, an array moves up to {} in a step", path,
                       spec.width_bits > 0 ? "width_bits" : "width_elements", geometry.word_bits(),
                       bound.vector_bits);
  }
  const bool few_groups = spec.bank_groups > 0 && groups < mapper.array.grid.arrays();
  return fmt::format("raise {}/{}: {} word{} of {} bits a cycle {} too few", path,
                     few_groups ? "bank_groups" : "banks or /ports", geometry.words_per_cycle(),
                     geometry.words_per_cycle() == 1 ? "" : "s", geometry.word_bits(),
                     geometry.words_per_cycle() == 1 ? "is" : "are");
}

std::vector<std::string> lines(const Tally& tally, const BufferSet& buffers,
                               const MapperChip& mapper) {
  if (!tally.is_most()) return {};
  return {tally.text() + "; " + advice(buffers, mapper, tally.worst())};
}

bool is_bound(const LayerReport& layer) { return layer.bound_by == "bank_conflict"; }

bool computes(const LayerReport& layer) { return layer.macs > 0; }

}  // namespace

std::vector<std::string> port_warnings(const ChipConfig& chip, const OpList& ops,
                                       const std::vector<LayerReport>& layers,
                                       const SimulationResult& result) {
  Tally tally;
  std::set<std::pair<std::string, Pass>> bound;
  for (const LayerReport& layer : layers) {
    if (!computes(layer)) continue;
    tally.count(layer.cycles, is_bound(layer));
    if (is_bound(layer)) bound.emplace(layer.name, layer.pass);
  }
  if (bound.empty()) return {};
  const MapperChip mapper = mapper_chip(chip, dram_device(chip.dram), ops);
  for (std::size_t i = 0; i < ops.groups.size(); ++i) {
    const OpGroup& group = ops.groups[i];
    if (group.gemms.empty() || !bound.contains({group.layer, group.pass})) continue;
    tally.blame(port_bound(mapper, group.pass, group.gemms.front()), result.groups[i].cycles);
  }
  return lines(tally, chip.buffers, mapper);
}

std::string port_advice(const ChipConfig& chip, const OpList& ops) {
  const MapperChip mapper = mapper_chip(chip, dram_device(chip.dram), ops);
  Tally tally;
  for (const OpGroup& group : ops.groups) {
    for (const GemmWork& work : group.gemms) {
      const PortBound bound = port_bound(mapper, group.pass, work);
      tally.blame(bound, bound.cycles - bound.unhindered);
    }
  }
  return advice(chip.buffers, mapper, tally.worst());
}

std::vector<std::string> expected_port_warnings(const RunConfig& run) {
  const OpList ops = lower(run.workload, lowering_policy(run));
  const MapperChip mapper = mapper_chip(run.chip, dram_device(run.chip.dram), ops);
  Tally tally;
  for (const OpGroup& group : ops.groups) {
    if (group.gemms.empty()) continue;
    Cycles cycles{0};
    Cycles unhindered{0};
    for (const GemmWork& work : group.gemms) {
      const PortBound bound = port_bound(mapper, group.pass, work);
      cycles += bound.cycles;
      unhindered += bound.unhindered;
      if (bound.bounds()) tally.blame(bound, bound.cycles);
    }
    tally.count(cycles, cycles > unhindered && cycles >= unhindered * 2);
  }
  return lines(tally, run.chip.buffers, mapper);
}

}  // namespace mxsim
