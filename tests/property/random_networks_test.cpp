// Random small networks (grouped and depthwise convolutions; attention between norms) on a chip
// with small buffers: no byte is lost on the way.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "models/formats/format_table.h"
#include "models/mapping/memory/traffic_bound.h"
#include "models/mapping/plan_run.h"
#include "models/workload/lower.h"
#include "sim/run/simulation.h"
#include "tests/property/drawn_networks.h"
#include "tests/support/dram_devices.h"
#include "tests/support/tiny_chip.h"

namespace mxsim {
namespace {

using testing::draw;
using testing::drawn_cnn;
using testing::drawn_transformer;

/// The network's work and the chip it runs on.
struct Drawn {
  ChipConfig chip = testing::tiny_chip();
  DramDevice dram = testing::sample_devices().front();
  OpList ops;
};

Drawn drawn() {
  Drawn drawn;
  LoweringPolicy policy;
  policy.mode = draw(0, 2) == 0 ? Mode::kInfer : Mode::kTrain;
  policy.gradient_accumulation_steps = policy.mode == Mode::kTrain ? draw(1, 2) : 1;
  policy.batch = draw(1, 3) * policy.gradient_accumulation_steps;
  policy.wide = parse_format("bf16");
  policy.formats.format = parse_format(*rc::gen::element("bf16", "mxsf", "mxfp8_e4m3"));
  policy.array = drawn.chip.array;
  drawn.ops = lower(draw(0, 1) == 0 ? drawn_cnn() : drawn_transformer(), policy);
  return drawn;
}

/// Bytes of DRAM that transfers of one group touch.
using Touched = std::vector<bool>;

void touch(const std::vector<DramRun>& runs, Touched& touched) {
  for (const DramRun& run : runs) {
    for (std::int64_t row = 0; row < run.rows; ++row) {
      const auto first = touched.begin() + run.base + row * run.stride;
      std::fill(first, first + run.row_bytes, true);
    }
  }
}

/// Of each group: what its transfers read, and what they write.
struct Transfers {
  std::vector<Touched> read, written;
  std::int64_t read_payload = 0, written_payload = 0;
};

Transfers transfers_of(const RunPlan& plan, std::int64_t dram_bytes) {
  const std::vector<Touched> none(plan.groups(), Touched(static_cast<std::size_t>(dram_bytes)));
  Transfers transfers{none, none};
  for (ProgramSource source(plan); !source.done();) {
    for (const Command& command : source.next(0).commands) {
      const auto* work = std::get_if<TransferWork>(&command.work);
      if (work == nullptr) continue;
      const bool reads = command.unit == Unit::kDmaRead;
      touch(work->runs, (reads ? transfers.read : transfers.written)[command.group]);
      (reads ? transfers.read_payload : transfers.written_payload) += payload(work->runs).count();
    }
  }
  return transfers;
}

std::int64_t touched_bytes(const Touched& touched, std::int64_t base, Bytes size) {
  return std::count(touched.begin() + base, touched.begin() + base + size.count(), true);
}

/// Bytes of the left operand's elements that some window reads.
std::int64_t used_bytes(const GemmWork& work, const StoredTensor& tensor) {
  return work.images * used_inputs(work.h) * used_inputs(work.w) * work.channels * work.products() *
         tensor.layout.format.element_bits / 8;
}

RC_GTEST_PROP(RandomNetworks, FetchEveryOperandElementAndStoreEveryResult, ()) {
  const Drawn it = drawn();
  const MapperChip chip = mapper_chip(it.chip, it.dram, it.ops);
  const RunPlan plan = plan_run(it.ops, chip, Bytes(it.dram.organisation.capacity_bytes()));
  const Transfers transfers = transfers_of(plan, plan.memory().used().count());
  for (std::size_t g = 0; g < it.ops.groups.size(); ++g) {
    const OpGroup& group = it.ops.groups[g];
    const auto tensor = [&](TensorId id) -> const StoredTensor& {
      return it.ops.tensors[static_cast<std::size_t>(id)];
    };
    for (const GemmWork& work : group.gemms) {
      if (group.gemms.size() > 1) continue;  // phases share their operands
      const StoredTensor& a = tensor(work.a);
      const StoredTensor& b = tensor(work.b);
      RC_ASSERT(touched_bytes(transfers.read[g], plan.memory().base(work.a), a.bytes()) >=
                used_bytes(work, a));
      RC_ASSERT(touched_bytes(transfers.read[g], plan.memory().base(work.b), b.bytes()) ==
                b.bytes().count());
    }
    for (const auto* writes : {&group.writes, &group.reduction_writes}) {
      for (const TensorWrite& write : *writes) {
        const Bytes size = tensor(write.tensor).bytes();
        RC_ASSERT(touched_bytes(transfers.written[g], plan.memory().base(write.tensor), size) ==
                  size.count());
      }
    }
  }
}

RC_GTEST_PROP(RandomNetworks, MoveTheSameBytesOnEveryHop, ()) {
  const Drawn it = drawn();
  const MapperChip chip = mapper_chip(it.chip, it.dram, it.ops);
  const RunPlan plan = plan_run(it.ops, chip, Bytes(it.dram.organisation.capacity_bytes()));
  const Transfers transfers = transfers_of(plan, plan.memory().used().count());
  const SimulationResult result = simulate({it.ops, it.chip, it.dram});
  const auto counted = [&](Unit unit, Event event) {
    return static_cast<std::int64_t>(result.counts[unit][event]);
  };
  RC_ASSERT(counted(Unit::kDmaRead, Event::kDmaReadBytes) == transfers.read_payload);
  RC_ASSERT(counted(Unit::kDmaWrite, Event::kDmaWriteBytes) == transfers.written_payload);
  RC_ASSERT(result.dram.read_payload.count() == transfers.read_payload);
  RC_ASSERT(result.dram.write_payload.count() == transfers.written_payload);
}

}  // namespace
}  // namespace mxsim
