#include "models/mapping/network_choice.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "models/core/error.h"
#include "models/mapping/memory/traffic_bound.h"
#include "models/mapping/plan_run.h"
#include "models/mapping/prediction/run_prediction.h"
#include "models/workload/kept_alignment.h"
#include "models/workload/product_slices.h"

namespace mxsim {
namespace {

/// Least part of the run's traffic that a candidate must save, more than smaller ones do.
constexpr double kWorthTrying = 0.01;
/// A candidate is taken if its score is below so much of that with nothing kept.
constexpr double kWorthKeeping = 0.995;
constexpr std::size_t kMostTried = 4;

struct Candidate {
  NetworkChoice choice;
  Bytes saved{0};  ///< DRAM traffic of the tensors that are kept
};

Bytes saved_bytes(const OpList& ops, Bytes kept) {
  Bytes saved{0};
  for (const KeptTensors& each : kept_tensors(ops, plan_residency(ops, kept))) {
    for (const auto* ids : {&each.read, &each.written}) {
      for (const TensorId id : *ids) saved += ops.tensors[static_cast<std::size_t>(id)].bytes();
    }
  }
  return saved;
}

Bytes least_traffic(const OpList& ops, const MapperChip& chip) {
  Bytes sum{0};
  for (const OpGroup& group : ops.groups) {
    sum += traffic_bound(ops, group, on_chip_bytes(chip), {}, chip.compression).total();
  }
  return sum;
}

/// A plan's score over the whole run by prediction, in the same terms as that of one mapping.
MappingScore score_of(const RunPlan& plan, const MapperChip& chip) {
  MappingCost run;
  run.cycles =
      static_cast<double>(predict_run(plan, *chip.around, MemoryDetail::kBanks).cycles.count());
  std::int64_t on_chip = 0;
  CommandId built = 0;
  for (ProgramSource source(plan); !source.done();) {
    const Program piece = source.next(built);
    built += piece.commands.size();
    for (const Command& command : piece.commands) {
      const auto* transfer = std::get_if<TransferWork>(&command.work);
      if (transfer == nullptr) continue;
      if (transfer->stays_on_chip()) {
        on_chip += payload(transfer->runs).count();
      } else {
        run.traffic.results +=
            moved_bytes(compressed(transfer->runs, transfer->compression), chip.dram_burst_bytes)
                .count();
      }
    }
  }
  const MappingPrices& prices = plan.policy().prices;
  for (std::size_t group = 0; group < plan.groups(); ++group) {
    for (const GemmMapping& mapping : plan.mappings(group)) {
      run.sram_pj += mapping.cost.sram_pj;
      on_chip -= mapping.cost.on_chip.total();  // is in its price already
    }
  }
  run.sram_pj += prices.input_word * static_cast<double>(on_chip) * 8 /
                 static_cast<double>(chip.input.word_bits());
  run.energy_pj = run.sram_pj + static_cast<double>(run.traffic.total()) * prices.dram_byte +
                  run.cycles * prices.cycle;
  return score(run, plan.policy().objective);
}

class Chooser {
 public:
  Chooser(const OpList& ops, const MapperChip& chip, Bytes dram_capacity, const PlanPolicy& policy)
      : ops_(ops),
        chip_(chip),
        dram_capacity_(dram_capacity),
        policy_(policy),
        rooms_(least_slice_rooms(ops)),
        must_fuse_(policy.fuse_attention == AttentionFusion::kOn && !rooms_.empty()),
        step_(must_fuse_
                  ? 0
                  : static_cast<std::int64_t>(
                        kWorthTrying * static_cast<double>(least_traffic(ops, chip).count()))) {}

  NetworkChoice choose() {
    if (policy_.keep_on_chip_bytes && policy_.fuse_attention != AttentionFusion::kAuto) {
      return {policy_.kept_bytes(), policy_.fuse_attention};
    }
    if (policy_.keep_on_chip_bytes && policy_.kept_bytes() == Bytes(0)) return {};
    const std::vector<Candidate> tried = worth_trying(candidates());
    NetworkChoice best{policy_.kept_bytes(), AttentionFusion::kOff};
    if (tried.empty()) return best;
    std::optional<double> least;
    if (!must_fuse_) {
      least = first_score(best);
      if (least) *least *= kWorthKeeping;
    }
    for (const Candidate& candidate : tried) {
      if (candidate.choice == best) continue;
      const std::optional<double> found = first_score(candidate.choice);
      if (!found || (least && *found >= *least)) continue;
      least = found;
      best = candidate.choice;
    }
    return best;
  }

 private:
  std::vector<Bytes> sizes() const {
    if (policy_.keep_on_chip_bytes) return {policy_.kept_bytes()};
    const std::int64_t whole = chip_.input.bytes().count();
    const Bytes most(whole * 3 / 4);
    std::set<Bytes> sizes{Bytes(whole / 4), Bytes(whole / 2), most};
    for (const Bytes room : rooms_) {
      for (const std::int64_t products : {1, 2, 4}) sizes.insert(Bytes(room.count() * products));
    }
    std::map<Bytes, std::int64_t> moved;  // by the tensors of a size, if each is stored and read
    for (const StoredTensor& tensor : ops_.tensors) {
      const Bytes size(round_up(tensor.bytes().count(), kKeptAlignment));
      if ((moved[size] += 2 * size.count()) >= step_) sizes.insert(size);
    }
    std::erase_if(sizes, [&](Bytes size) { return size > most || size == Bytes(0); });
    return {sizes.begin(), sizes.end()};
  }

  std::vector<Candidate> candidates() const {
    std::vector<Candidate> all;
    const bool fuses = policy_.fuse_attention != AttentionFusion::kOff && !rooms_.empty();
    for (const Bytes size : sizes()) {
      if (!must_fuse_) {
        all.push_back({{size, AttentionFusion::kOff}, saved_bytes(ops_, size)});
      }
      if (!fuses) continue;
      const OpList sliced = slice_products(ops_, size);
      if (sliced.groups.size() == ops_.groups.size()) continue;
      all.push_back({{size, AttentionFusion::kOn}, saved_bytes(sliced, size)});
    }
    return all;
  }

  /// Those that save clearly more than all that keep less.
  std::vector<Candidate> worth_trying(const std::vector<Candidate>& all) const {
    std::vector<Candidate> worth;
    Bytes most{0};
    for (const Candidate& each : all) {
      if (each.saved < most + Bytes(step_)) continue;
      most = each.saved;
      worth.push_back(each);
    }
    std::stable_sort(worth.begin(), worth.end(),
                     [](const Candidate& a, const Candidate& b) { return a.saved > b.saved; });
    worth.resize(std::min(worth.size(), kMostTried));
    return worth;
  }

  /// Nothing when the work does not fit what is left of the chip.
  std::optional<double> first_score(const NetworkChoice& choice) const {
    MapperChip chip = chip_;
    chip.input = chip.input.without(choice.kept);
    const OpList ops = chosen_ops(ops_, choice);
    try {
      const RunPlan plan = plan_run(ops, chip, dram_capacity_, chosen_policy(policy_, choice));
      return std::get<0>(score_of(plan, chip));
    } catch (const InputError&) {
      return std::nullopt;
    }
  }

  const OpList& ops_;
  const MapperChip& chip_;
  Bytes dram_capacity_;
  const PlanPolicy& policy_;
  std::vector<Bytes> rooms_;  ///< with which chains can be cut
  bool must_fuse_;
  std::int64_t step_;  ///< bytes saved that make a difference
};

}  // namespace

OpList chosen_ops(const OpList& ops, const NetworkChoice& choice) {
  return choice.fusion == AttentionFusion::kOn ? slice_products(ops, choice.kept) : ops;
}

PlanPolicy chosen_policy(PlanPolicy policy, const NetworkChoice& choice) {
  policy.keep_on_chip_bytes = choice.kept;
  policy.fuse_attention = choice.fusion;
  return policy;
}

NetworkChoice choose_network(const OpList& ops, const MapperChip& chip, Bytes dram_capacity,
                             const PlanPolicy& policy) {
  return Chooser(ops, chip, dram_capacity, policy).choose();
}

}  // namespace mxsim
