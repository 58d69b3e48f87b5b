#include "sim/run/skip_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "models/workload/group_tensors.h"
#include "sim/run/run_once.h"

namespace mxsim {
namespace {

/// Groups that make a tensor first and read it last for a skip.
struct Hold {
  std::int32_t first = 0;
  std::int32_t last = 0;
  std::int64_t reads = 0;
  std::int64_t reads_from_dram = 0;
  std::string add;
};

/// Finds the tensors that additions and projections read.
class Holds {
 public:
  Holds(const ShapedGraph& graph, const std::vector<SkipConnection>& skips, const OpList& ops,
        const SimulationResult& result)
      : ops_(ops) {
    for (const SkipConnection& skip : skips) {
      const std::string& add = graph.layers[static_cast<std::size_t>(skip.add)].name;
      adds_[add] = add;
      for (const std::int32_t layer : skip.skip_layers) {
        adds_.try_emplace(graph.layers[static_cast<std::size_t>(layer)].name, add);
      }
    }
    for (const Resident& each : result.residents) residents_[each.tensor] = &each;
    for (std::size_t g = 0; g < ops.groups.size(); ++g) note(static_cast<std::int32_t>(g));
  }

  const std::map<TensorId, Hold>& holds() const { return holds_; }
  const Resident* resident(TensorId id) const {
    const auto found = residents_.find(id);
    return found == residents_.end() ? nullptr : found->second;
  }

 private:
  void note(std::int32_t g) {
    const OpGroup& group = ops_.groups[static_cast<std::size_t>(g)];
    if (group.pass != Pass::kForward) return;
    std::set<TensorId> seen;
    for (const GroupStep& step : group.steps) {
      const auto add = adds_.find(step.layer);
      if (add == adds_.end()) continue;
      std::set<TensorId> read;
      for (const GroupRead& each : step.reads) read.insert(each.tensor);
      if (step.is_gemm) {
        for (const GemmWork& work : group.gemms) read.insert(work.a);
      }
      for (const TensorId id : read) {
        if (id >= 0 && seen.insert(id).second) hold(id, g, add->second);
      }
    }
    for (const TensorId id : tensors_written(group)) first_write_.try_emplace(id, g);
  }

  void hold(TensorId id, std::int32_t g, const std::string& add) {
    if (ops_.tensors[static_cast<std::size_t>(id)].role != TensorRole::kActivation) return;
    const auto written = first_write_.find(id);
    Hold& hold = holds_[id];
    hold.first = written == first_write_.end() ? 0 : written->second;
    hold.last = g;
    hold.add = add;
    ++hold.reads;
    const Resident* here = resident(id);
    if (here == nullptr || g > here->last) ++hold.reads_from_dram;
  }

  const OpList& ops_;
  std::map<std::string, std::string> adds_;  ///< additions and projections, to the addition
  std::map<TensorId, const Resident*> residents_;
  std::map<TensorId, std::int32_t> first_write_;
  std::map<TensorId, Hold> holds_;
};

/// Readers of each tensor in all passes.
std::map<TensorId, std::int64_t> reader_counts(const OpList& ops) {
  std::map<TensorId, std::int64_t> counts;
  for (const OpGroup& group : ops.groups) {
    const std::vector<TensorId> ids = tensors_read(group);
    for (const TensorId id : std::set<TensorId>(ids.begin(), ids.end())) ++counts[id];
  }
  return counts;
}

/// `readers`: groups of all passes that read the tensor.
HeldTensor held_tensor(const OpList& ops, const SimulationResult& result, const Holds& holds,
                       TensorId id, std::int64_t readers) {
  const Hold& hold = holds.holds().at(id);
  const StoredTensor& tensor = ops.tensors[static_cast<std::size_t>(id)];
  const Resident* resident = holds.resident(id);
  const GroupResult& first = result.groups[static_cast<std::size_t>(hold.first)];
  const GroupResult& last = result.groups[static_cast<std::size_t>(hold.last)];
  HeldTensor held;
  held.tensor = tensor.name;
  held.add = hold.add;
  held.bytes = tensor.bytes();
  const bool stays = resident != nullptr && hold.last <= resident->last;
  held.place = stays ? HeldIn::kBuffer : HeldIn::kDram;
  held.groups = hold.last - hold.first + 1;
  held.cycles = last.began + last.span - first.began;
  held.dram_read = Bytes(held.bytes.count() * hold.reads_from_dram);
  const bool in_dram = resident == nullptr || resident->copy == Resident::Copy::kInDram;
  if (in_dram && hold.reads == readers) held.dram_written = held.bytes;
  return held;
}

void add_peaks(SkipReport& report, const std::map<TensorId, Hold>& holds, std::size_t groups) {
  std::vector<std::int64_t> buffer(groups + 1, 0);
  std::vector<std::int64_t> dram(groups + 1, 0);
  std::size_t place = 0;
  for (const auto& [id, hold] : holds) {
    const HeldTensor& held = report.held[place++];
    std::vector<std::int64_t>& change = held.place == HeldIn::kBuffer ? buffer : dram;
    change[static_cast<std::size_t>(hold.first)] += held.bytes.count();
    change[static_cast<std::size_t>(hold.last) + 1] -= held.bytes.count();
  }
  Bytes in_buffer{0};
  Bytes in_dram{0};
  for (std::size_t g = 0; g < groups; ++g) {
    in_buffer += Bytes(buffer[g]);
    in_dram += Bytes(dram[g]);
    report.peak_in_buffer = std::max(report.peak_in_buffer, in_buffer);
    report.peak_in_dram = std::max(report.peak_in_dram, in_dram);
    report.peak = std::max(report.peak, in_buffer + in_dram);
  }
}

}  // namespace

std::optional<SkipReport> skip_report(const RunConfig& config, const SimulationResult& result) {
  if (config.generate > 0) return std::nullopt;
  const Dimensions sizes = run_dimensions(config);
  const ShapedGraph graph = shape_graph(config.workload, 1, sizes);
  const std::vector<SkipConnection> skips = find_skips(graph);
  SkipReport report;
  report.policy = stated_skips(config.workload);
  report.outcomes = skip_outcomes(config.workload, sizes);
  report.additions = skips.size();
  if (skips.empty() && report.outcomes.empty()) return std::nullopt;
  const OpList ops =
      chosen_ops(lowered_for_chip(config, dram_device(config.chip.dram)), result.choice);
  const Holds holds(graph, skips, ops, result);
  const std::map<TensorId, std::int64_t> readers = reader_counts(ops);
  for (const auto& [id, hold] : holds.holds()) {
    report.held.push_back(held_tensor(ops, result, holds, id, readers.at(id)));
    const HeldTensor& held = report.held.back();
    report.dram_read += held.dram_read;
    report.dram_written += held.dram_written;
    report.longest = std::max(report.longest, held.cycles);
  }
  add_peaks(report, holds.holds(), ops.groups.size());
  return report;
}

std::vector<std::string> skip_assumptions(SkipPolicy policy,
                                          const std::vector<SkipOutcome>& outcomes) {
  if (policy == SkipPolicy::kKeep) return {};
  const auto changed = std::count_if(outcomes.begin(), outcomes.end(),
                                     [](const SkipOutcome& each) { return each.changed; });
  const bool removed = policy == SkipPolicy::kRemove;
  std::vector<std::string> lines{fmt::format(
      "skip {}: {} of {} residual additions {}, the others are left",
      removed ? "remove" : "shorten", changed, outcomes.size(),
      removed ? "are removed with their projections" : "become one for each layer of their block")};
  for (const SkipOutcome& each : outcomes) {
    if (!each.changed) lines.push_back(fmt::format("skip of {} left: {}", each.add, each.reason));
  }
  return lines;
}

}  // namespace mxsim
