// Random networks with tensors kept on the chip and attention in slices: what stays, moves and
// lies where the planner says.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

#include "models/mapping/memory/traffic_bound.h"
#include "models/mapping/plan_run.h"
#include "models/mapping/search/mapping_model.h"
#include "models/workload/product_slices.h"
#include "tests/property/drawn_chips.h"
#include "tests/property/drawn_networks.h"
#include "tests/support/dram_devices.h"

namespace mxsim {
namespace {

constexpr Bytes kPlenty{std::int64_t{1} << 40};

struct Drawn {
  ChipConfig chip;
  PlanPolicy policy;
  OpList ops;
  MapperChip mapper;
};

Drawn drawn() {
  ChipConfig chip = testing::drawn_chip();
  RC_PRE(validate(chip.buffers).empty());
  if (testing::draw(0, 1) == 0) {
    chip.dram.compression = {0.125 * static_cast<double>(testing::draw(1, 8)),
                             0.1 * static_cast<double>(testing::draw(1, 10)),
                             0.07 * static_cast<double>(testing::draw(1, 14))};
  }
  const DramDevice dram = testing::sample_devices().front();
  const Bytes kept(*rc::gen::element(256, 1024, 4096));
  OpList ops = slice_products(testing::drawn_ops(chip), kept);
  MapperChip mapper = mapper_chip(chip, dram, ops);
  RC_PRE(kept.count() * 2 <= mapper.input.bytes().count());
  mapper.input = mapper.input.without(kept);
  PlanPolicy policy;
  policy.keep_on_chip_bytes = kept;
  policy.objective = MappingObjective::kDramBytes;
  return {chip, policy, std::move(ops), std::move(mapper)};
}

/// DRAM bytes of what is read or written as a whole beside the GEMM.
Bytes beside(const Drawn& it, const OpGroup& group, const KeptTensors& kept) {
  Bytes sum{0};
  const auto add = [&](TensorId id) {
    const StoredTensor& tensor = it.ops.tensors[static_cast<std::size_t>(id)];
    sum += moved_bytes(compressed(flat_runs(tensor, 0, {0, tensor.rows * tensor.cols}),
                                  it.mapper.compression.of(tensor.role)),
                       it.mapper.dram_burst_bytes);
  };
  for (const TensorId id : group.broadcast_reads) {
    if (!kept.reads(id)) add(id);
  }
  for (const TensorWrite& write : group.reduction_writes) {
    if (!kept.stays(write.tensor)) add(write.tensor);
  }
  return sum;
}

std::vector<Bytes> moved_by_group(const Drawn& it, const RunPlan& plan) {
  std::vector<Bytes> moved(plan.groups());
  for (ProgramSource source(plan); !source.done();) {
    for (const Command& command : source.next(0).commands) {
      const auto* transfer = std::get_if<TransferWork>(&command.work);
      if (transfer == nullptr || transfer->stays_on_chip()) continue;
      moved[command.group] += moved_bytes(compressed(transfer->runs, transfer->compression),
                                          it.mapper.dram_burst_bytes);
    }
  }
  return moved;
}

RC_GTEST_PROP(KeptTensors, MoveTheBytesOfTheModelAndNoLessThanTheBound, ()) {
  const Drawn it = drawn();
  const RunPlan plan = plan_run(it.ops, it.mapper, kPlenty, it.policy);
  const std::vector<KeptTensors> kept = kept_tensors(it.ops, plan.residents());
  const std::vector<Bytes> moved = moved_by_group(it, plan);
  for (std::size_t g = 0; g < it.ops.groups.size(); ++g) {
    const OpGroup& group = it.ops.groups[g];
    RC_ASSERT(moved[g] >= traffic_bound(it.ops, group, capacity(it.chip.buffers), kept[g],
                                        it.mapper.compression)
                              .total());
    if (group.gemms.size() != 1) continue;
    MappingModel model(group, group.gemms.front(), it.ops.tensors, it.mapper, kept[g]);
    const MappingTraffic traffic = model.cost(plan.mappings(g).front().tiling).traffic;
    RC_ASSERT(moved[g] == Bytes(traffic.total()) + beside(it, group, kept[g]));
  }
}

/// Which group stored each byte of the reserved part last.
using Stored = std::map<std::int64_t, std::uint32_t>;

template <class Visit>
void for_each_byte(const TransferWork& work, Visit visit) {
  for (const DramRun& run : work.runs) {
    for (std::int64_t row = 0; row < run.rows; ++row) {
      const std::int64_t begin = run.base + row * run.stride - kOnChip;
      for (std::int64_t i = 0; i < run.row_bytes; ++i) visit(begin + i);
    }
  }
}

/// The resident that lies at the byte when the group reads it.
const Resident* owner(const Drawn& it, const RunPlan& plan, std::int64_t byte,
                      std::uint32_t group) {
  for (const Resident& each : plan.residents()) {
    const std::int64_t size = it.ops.tensors[static_cast<std::size_t>(each.tensor)].bytes().count();
    const auto now = static_cast<std::int32_t>(group);
    if (each.first <= now && now <= each.last && byte >= each.offset && byte < each.offset + size) {
      return &each;
    }
  }
  return nullptr;
}

RC_GTEST_PROP(KeptTensors, AreReadAsTheirGroupLeftThem, ()) {
  const Drawn it = drawn();
  const RunPlan plan = plan_run(it.ops, it.mapper, kPlenty, it.policy);
  Stored stored;
  for (ProgramSource source(plan); !source.done();) {
    for (const Command& command : source.next(0).commands) {
      const auto* transfer = std::get_if<TransferWork>(&command.work);
      if (transfer == nullptr || !transfer->stays_on_chip()) continue;
      for_each_byte(*transfer, [&](std::int64_t byte) {
        RC_ASSERT(byte < it.policy.kept_bytes().count());
        if (command.unit == Unit::kDmaWrite) {
          stored[byte] = command.group;
          return;
        }
        const Resident* resident = owner(it, plan, byte, command.group);
        RC_ASSERT(resident != nullptr);
        RC_ASSERT(stored.at(byte) == static_cast<std::uint32_t>(resident->first));
      });
    }
  }
}

}  // namespace
}  // namespace mxsim
