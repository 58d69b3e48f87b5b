// Compressed tensors: a run moves the stated share of each piece through DRAM, and all of it
// through DMA and buffers.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

#include "models/formats/format_parser.h"
#include "models/mapping/plan_run.h"
#include "models/workload/lower.h"
#include "sim/run/simulation.h"
#include "tests/property/drawn_networks.h"
#include "tests/support/dram_devices.h"
#include "tests/support/tiny_chip.h"

namespace mxsim {
namespace {

using testing::draw;

/// What the transfers of a plan move, counted piece by piece.
struct Moved {
  std::int64_t on_chip = 0;
  std::int64_t in_dram = 0;
  std::int64_t bursts = 0;
};

void add_piece(std::int64_t begin, std::int64_t bytes, double ratio, std::int64_t burst,
               Moved& moved) {
  const auto stored = static_cast<std::int64_t>(std::ceil(static_cast<double>(bytes) * ratio));
  moved.on_chip += bytes;
  moved.in_dram += stored;
  moved.bursts += (begin + stored - 1) / burst - begin / burst + 1;
}

Moved moved_by(const RunPlan& plan, std::int64_t burst) {
  Moved moved;
  for (ProgramSource source(plan); !source.done();) {
    for (const Command& command : source.next(0).commands) {
      const auto* work = std::get_if<TransferWork>(&command.work);
      if (work == nullptr) continue;
      for (const DramRun& run : work->runs) {
        const bool solid = run.stride == run.row_bytes;
        const std::int64_t bytes = solid ? run.row_bytes * run.rows : run.row_bytes;
        for (std::int64_t row = 0; row < (solid ? 1 : run.rows); ++row) {
          add_piece(run.base + row * run.stride, bytes, work->compression, burst, moved);
        }
      }
    }
  }
  return moved;
}

RC_GTEST_PROP(DramCompression, MovesTheStatedShareOfEachPieceInWholeBursts, ()) {
  ChipConfig chip = testing::tiny_chip();
  for (double* ratio : {&chip.dram.compression.weights, &chip.dram.compression.activations,
                        &chip.dram.compression.gradients}) {
    *ratio = static_cast<double>(draw(1, 8)) / 8;
  }
  const DramDevice dram = testing::sample_devices().front();
  LoweringPolicy policy;
  policy.mode = draw(0, 1) == 0 ? Mode::kInfer : Mode::kTrain;
  policy.wide = parse_format("bf16");
  policy.formats.format = parse_format(*rc::gen::element("bf16", "mxsf", "mxfp8_e4m3"));
  policy.array = chip.array;
  const OpList ops = lower(testing::drawn_cnn(), policy);
  const MapperChip mapper = mapper_chip(chip, dram, ops);
  const RunPlan plan = plan_run(ops, mapper, Bytes(dram.organisation.capacity_bytes()));
  const Moved moved = moved_by(plan, dram.organisation.burst_bytes);
  const SimulationResult result = simulate({ops, chip, dram});
  const auto counted = [&](Event event) {
    return static_cast<std::int64_t>(result.counts.total(event));
  };
  RC_ASSERT(counted(Event::kDmaReadBytes) + counted(Event::kDmaWriteBytes) == moved.on_chip);
  RC_ASSERT((result.dram.read_payload + result.dram.write_payload).count() == moved.in_dram);
  RC_ASSERT(counted(Event::kDramReadBytes) + counted(Event::kDramWriteBytes) ==
            moved.bursts * dram.organisation.burst_bytes);
}

}  // namespace
}  // namespace mxsim
