#include "models/mapping/search/mapping_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "models/dataflow/closed_form.h"
#include "models/dataflow/command_chain.h"

namespace mxsim {
namespace {

constexpr std::int64_t kPartialSumBytes = 4;

const StoredTensor& at(const std::vector<StoredTensor>& tensors, TensorId id) {
  return tensors.at(static_cast<std::size_t>(id));
}

double latency_of(const MapperChip& chip) {
  if (!chip.around) return 0;
  const DramDevice& dram = chip.around->dram;
  const std::int64_t cycles = dram.ideal ? dram.ideal->latency_cycles : dram.read_latency_cycles;
  return static_cast<double>(chip.around->dma.setup_cycles) +
         static_cast<double>(cycles) * static_cast<double>(chip.around->clock_hz) /
             static_cast<double>(dram.clock_hz);
}

bool sums_positions(const GemmWork& work) { return work.kind == GemmKind::kWeightGradient; }

}  // namespace

MappingModel::MappingModel(const OpGroup& group, const GemmWork& work,
                           const std::vector<StoredTensor>& tensors, const MapperChip& chip,
                           KeptTensors kept)
    : group_(group),
      work_(work),
      tensors_(tensors),
      chip_(chip),
      kept_(std::move(kept)),
      buffers_(operand_buffers(chip, work)),
      left_(at(tensors, work.a)),
      right_(at(tensors, work.b)),
      grid_(grid_size(group)),
      results_(work.gemm_m() * work.n * work.products() / (sums_positions(work) ? work.packed : 1)),
      slots_(ring_slots(chip, work)),
      epilogue_(epilogue_cost(group, work, tensors, chip)),
      issue_(chip.around ? static_cast<double>(chip.around->sequencer.issue_cycles) : 0),
      latency_(latency_of(chip)),
      outstanding_(chip.around ? chip.around->dma.outstanding : 1),
      h_(work.h),
      w_(work.w) {
  for (const TensorId id : group.streamed_reads) {
    side_bits_ += at(tensors, id).layout.format.element_bits;
  }
  if (chip.around) load_.emplace(chip.around->dram);
  if (work.taps() == 0) return;
  ArrayCommand all = array_command(
      chip, group.pass, work,
      {0, {0, work.images}, {0, work.h.out}, {0, work.w.out}, {0, work.channels}, {0, work.n}, 0},
      Accumulate::kOverwrite);
  all.interval = Cycles(1);
  all.load = {};
  all.blocks = {};  // where exact sums end depends on the tiles: no bound
  whole_ = array_cost(all, 1);
  whole_.cycles = static_cast<double>(least_array_steps(chip.array, all));
  whole_.end = 0;
}

std::int64_t MappingModel::moved(const StoredTensor& tensor, std::vector<DramRun> runs,
                                 TransferTimes& times) const {
  runs = compressed(std::move(runs), chip_.compression.of(tensor.role));
  const std::int64_t bytes = moved_bytes(runs, chip_.dram_burst_bytes).count();
  times.add(runs, bytes);
  return bytes;
}

MappingModel::ArrayTotals MappingModel::array_cost(const ArrayCommand& command,
                                                   std::int64_t tiles) const {
  const ArrayCost cost = closed_form(chip_.array, command);
  const ArrayTraffic& traffic = cost.traffic;
  const MappingPrices& prices = chip_.mapping.prices;
  const ColumnReads columns = column_reads(chip_, command.dataflow, work_);
  const auto transposed = [](std::optional<TransposedRead> by_columns, Bytes read) {
    return by_columns == TransposedRead::kTransposer ? static_cast<double>(read.count()) : 0;
  };
  const auto times = static_cast<double>(tiles);
  const Cycles next = chained_start(chip_.array, command, command).value_or(cost.cycles);
  return {
      times * static_cast<double>(next.count()), static_cast<double>((cost.cycles - next).count()),
      times *
          ((transposed(columns.left, traffic.a_read) + transposed(columns.right, traffic.b_read)) *
               prices.transposed_byte +
           static_cast<double>(cost.counts[Event::kBlockAccumulate]) * prices.block_end +
           static_cast<double>(cost.counts[Event::kMulticastBytes]) * prices.multicast_byte +
           static_cast<double>(traffic.a_read_words) * prices.input_word +
           static_cast<double>(traffic.b_read_words) * prices.weight_word +
           static_cast<double>(traffic.c_read_words) * prices.accumulator_read +
           static_cast<double>(traffic.c_write_words) * prices.accumulator_write)};
}

double MappingModel::at_peak(std::int64_t bytes) const {
  return static_cast<double>(bytes) / chip_.dram_bytes_per_cycle;
}

std::int64_t MappingModel::first_fetch(std::int64_t left, std::int64_t right) const {
  const auto fetched = [&](const StoredTensor& tensor, std::int64_t bytes) {
    return compressed_bytes(bytes, chip_.compression.of(tensor.role));
  };
  return (kept_.reads(work_.a) ? 0 : fetched(left_, left)) +
         (kept_.reads(work_.b) ? 0 : fetched(right_, right));
}

/// Tiles that begin the reduction overwrite, the others add; all combinations of full and partial
/// extents.
const MappingModel::ArrayTotals& MappingModel::array_totals(const GemmTiling& t) {
  const auto [entry, is_new] =
      array_totals_.try_emplace({t.images, t.h, t.w, t.channels, t.n, t.taps}, ArrayTotals{});
  ArrayTotals& sum = entry->second;
  if (!is_new || work_.taps() == 0) return sum;
  const auto add = [&](const GemmTile& tile, Accumulate accumulate, std::int64_t tiles) {
    if (tiles == 0) return;
    const ArrayTotals part =
        array_cost(array_command(chip_, group_.pass, work_, tile, accumulate), tiles);
    sum.cycles += part.cycles;
    sum.end = std::max(sum.end, part.end);
    sum.sram_pj += part.sram_pj;
  };
  for_each_extent(work_, t, [&](const GemmTile& tile, const ExtentCount& count) {
    const std::int64_t products = work_.products();
    add(tile, Accumulate::kOverwrite, count.first_of_reduction * products);
    add(tile, Accumulate::kAdd, (count.tiles - count.first_of_reduction) * products);
  });
  return sum;
}

MappingModel::Moves MappingModel::operand_moves(const Operand& operand, const GemmTiling& tiling) {
  const StoredTensor& tensor = at(tensors_, operand.id);
  const double pace = transfer_pace(chip_, chip_.buffer(operand.buffer));
  Moves moves;
  TransferTimes times(chip_, load_ ? &*load_ : nullptr);
  for_each_tile_of(work_, tiling, operand.axes, [&](const GemmTile& tile) {
    const TensorRegion place = operand.region(work_, tile);
    std::vector<DramRun> runs = memory_runs(tensor, 0, place);
    // A tile is kept in the wider of its stored and its operand format.
    const std::int64_t multiplied = ceil_div(place.elements() * operand.format.element_bits, 8);
    const std::int64_t bytes = payload(runs).count();
    moves.largest = std::max({moves.largest, bytes, multiplied});
    moves.read_cycles += static_cast<double>(bytes) / pace;
    if (kept_.reads(operand.id)) {
      moves.on_chip.read += bytes;
    } else {
      moves.bytes += moved(tensor, std::move(runs), times);
      ++moves.transfers;
    }
  });
  moves.channel_cycles = times.sum();
  moves.longest_cycles = times.longest();
  return moves;
}

const MappingModel::Moves& MappingModel::left_moves(const GemmTiling& t) {
  const auto [entry, is_new] =
      left_moves_.try_emplace({t.images, t.h, t.w, t.channels, 0, 0}, Moves{});
  if (is_new) {
    entry->second = operand_moves(
        {work_.a, work_.format_a, left_region, buffers_.left, {Axes::kPositions, Axes::kChannels}},
        t);
  }
  return entry->second;
}

const MappingModel::Moves& MappingModel::right_moves(const GemmTiling& t) {
  const bool positions = sums_positions(work_);
  const Key key =
      positions ? Key{t.images, t.h, t.w, 0, t.n, 0} : Key{0, 0, 0, t.channels, t.n, t.taps};
  const auto [entry, is_new] = right_moves_.try_emplace(key, Moves{});
  if (is_new) {
    const Axes axis = positions ? Axes::kPositions : Axes::kReduction;
    entry->second = operand_moves(
        {work_.b, work_.format_b, right_region, buffers_.right, {axis, Axes::kColumns}}, t);
  }
  return entry->second;
}

void MappingModel::add_result(const TensorRegion& place, Moves& moves, TransferTimes& times) const {
  const double pace = transfer_pace(chip_, chip_.accumulator);
  const auto transfer = [&](TensorId id, bool in_dram, bool on_chip, std::int64_t& dram_bytes,
                            std::int64_t& chip_bytes, double& dma_cycles) {
    const StoredTensor& tensor = at(tensors_, id);
    std::vector<DramRun> runs = memory_runs(tensor, 0, place);
    const std::int64_t bytes = payload(runs).count();
    if (on_chip) chip_bytes += bytes;
    dma_cycles += static_cast<double>(bytes * (int{in_dram} + int{on_chip})) / pace;
    if (!in_dram) return;
    dram_bytes += moved(tensor, std::move(runs), times);
    ++moves.transfers;
  };
  for (const TensorWrite& write : group_.writes) {
    const bool stays = kept_.stays(write.tensor);
    transfer(write.tensor, !stays, stays || kept_.copied.contains(write.tensor), moves.bytes,
             moves.on_chip.written, moves.written_cycles);
  }
  for (const TensorId id : group_.streamed_reads) {
    const bool here = kept_.reads(id);
    transfer(id, !here, here, moves.streamed, moves.on_chip.read, moves.read_cycles);
  }
}

const MappingModel::Moves& MappingModel::result_moves(const GemmTiling& t) {
  const bool channels = sums_positions(work_);
  const Key key = channels ? Key{0, 0, 0, t.channels, t.n, 0} : Key{t.images, t.h, t.w, 0, t.n, 0};
  const auto [entry, is_new] = result_moves_.try_emplace(key, Moves{});
  Moves& moves = entry->second;
  if (!is_new) return moves;
  const Axes axis = channels ? Axes::kChannels : Axes::kPositions;
  TransferTimes times(chip_, load_ ? &*load_ : nullptr);
  for_each_tile_of(work_, t, {axis, Axes::kColumns}, [&](const GemmTile& tile) {
    add_result(result_region(work_, grid_, tile), moves, times);
    ++moves.tiles;
    moves.partial_sums +=
        round_up(partial_sum_bytes(extents(work_, tile)).count(), chip_.dram_burst_bytes);
  });
  moves.channel_cycles = times.sum();
  return moves;
}

std::int64_t MappingModel::result_bytes(std::int64_t tile_results) const {
  return ceil_div(tile_results * (kPartialSumBytes * 8 + side_bits_), 8);
}

std::string MappingModel::misfit(const GemmTiling& tiling) {
  const auto check = [](const char* what, std::int64_t bytes, Bytes slot) {
    if (bytes <= slot.count()) return std::string();
    return fmt::format("a tile of the {} has {} bytes, a slot of its buffer {}", what, bytes,
                       slot.count());
  };
  const GemmExtents size = extents(work_, fullest_tile(work_, tiling));
  std::string fault =
      check("results", result_bytes(size.m * size.n), chip_.accumulator.slot_bytes());
  if (!fault.empty() || work_.taps() == 0) return fault;
  fault =
      check("left operand", left_moves(tiling).largest, chip_.buffer(buffers_.left).slot_bytes());
  return !fault.empty() ? fault
                        : check("right operand", right_moves(tiling).largest,
                                chip_.buffer(buffers_.right).slot_bytes());
}

MappingModel::Turns MappingModel::turns(const MappingCost& cost, const Transfers& transfers) const {
  const auto turn = [](double sum, std::int64_t slots) { return sum / static_cast<double>(slots); };
  const auto waits = [&](std::int64_t count) { return latency_ * static_cast<double>(count); };
  const auto input = [&](std::int64_t count, std::int64_t bytes, std::int64_t slots) {
    return turn(waits(count) + at_peak(bytes) + cost.array_cycles, slots);
  };
  const MappingTraffic& traffic = cost.traffic;
  const std::int64_t streams = group_.streamed_reads.empty() ? 0 : 1;
  const double epilogues = epilogue_.of(static_cast<double>(results_)) +
                           epilogue_.drain * static_cast<double>(transfers.results - 1);
  const double results =
      waits(transfers.results * (1 + streams + 2 * transfers.spills)) + cost.array_cycles +
      at_peak(traffic.results + traffic.streamed + traffic.partial_sums) + epilogues;
  const std::int64_t reads =
      transfers.left + transfers.right + transfers.results * transfers.spills;
  return {std::max(input(transfers.left, traffic.left, slots_.left),
                   input(transfers.right, traffic.right, slots_.right)),
          turn(results, slots_.result),
          turn(waits(reads) + at_peak(traffic.left + traffic.right), outstanding_),
          issue_ * static_cast<double>(cost.tiles + reads + transfers.results)};
}

MappingCost MappingModel::finish(MappingCost cost, const LastTile& last, const Turns& turns) const {
  cost.dram_cycles = at_peak(cost.traffic.total());
  cost.vector_cycles = epilogue_.vector * static_cast<double>(results_);
  const double last_epilogue = epilogue_.of(last.results);
  const double stored = last.results / static_cast<double>(results_);
  const int transfers = group_.streamed_reads.empty() ? 1 : 2;
  cost.end_cycles = last_epilogue + latency_ * transfers +
                    stored * at_peak(cost.traffic.results + cost.traffic.streamed);
  const double last_tile = cost.array_cycles * last.share;
  const double at_work =
      std::max(cost.array_cycles, last_tile + cost.vector_cycles - epilogue_.vector * last.results);
  cost.slot_cycles = std::max(turns.inputs + cost.end_cycles, cost.start_cycles + turns.results);
  const double memory =
      latency_ + std::max({cost.dram_cycles, cost.channel_cycles, cost.dma_cycles});
  cost.cycles =
      std::max({cost.start_cycles + at_work + cost.end_cycles, cost.slot_cycles,
                std::max(memory, turns.transfers) + last_tile + last_epilogue, turns.issue});
  const MappingPrices& prices = chip_.mapping.prices;
  cost.sram_pj += prices.input_word * static_cast<double>(cost.on_chip.total()) * 8 /
                  static_cast<double>(chip_.input.word_bits());
  cost.energy_pj = cost.sram_pj + static_cast<double>(cost.traffic.total()) * prices.dram_byte +
                   cost.cycles * prices.cycle;
  return cost;
}

MappingCost MappingModel::cost(const GemmTiling& tiling) {
  const TileTrips count = trips(work_, tiling);
  const TileReuse again = reuse(count, tiling.order, slots_);
  const Moves& results = result_moves(tiling);
  double read = results.read_cycles;
  double written = results.written_cycles;
  Transfers transfers{0, 0, results.tiles, 0};
  MappingCost cost;
  cost.traffic.streamed = results.streamed;
  cost.traffic.results = results.bytes;
  cost.on_chip = results.on_chip;
  cost.channel_cycles = results.channel_cycles;
  if (work_.taps() > 0) {
    const Moves& left = left_moves(tiling);
    const Moves& right = right_moves(tiling);
    const ArrayTotals& array = array_totals(tiling);
    cost.start_cycles = latency_ + std::max(at_peak(first_fetch(left.largest, right.largest)),
                                            left.longest_cycles + right.longest_cycles);
    cost.on_chip.read += again.left * left.on_chip.read + again.right * right.on_chip.read;
    cost.traffic.left = again.left * left.bytes;
    cost.traffic.right = again.right * right.bytes;
    cost.traffic.partial_sums = 2 * again.spills * results.partial_sums;
    cost.channel_cycles += static_cast<double>(again.left) * left.channel_cycles +
                           static_cast<double>(again.right) * right.channel_cycles +
                           at_peak(cost.traffic.partial_sums);
    cost.array_cycles = array.cycles + array.end;
    cost.sram_pj = array.sram_pj;
    const double spilled = static_cast<double>(again.spills * results.partial_sums) /
                           transfer_pace(chip_, chip_.accumulator);
    read += spilled + static_cast<double>(again.left) * left.read_cycles +
            static_cast<double>(again.right) * right.read_cycles;
    written += spilled;
    transfers.left = again.left * left.transfers;
    transfers.right = again.right * right.transfers;
    transfers.spills = again.spills;
  }
  cost.dma_cycles = std::max(read, written);
  cost.tiles = count.total() * work_.products();
  return finish(cost, last_tile(tiling), turns(cost, transfers));
}

std::int64_t MappingModel::tile_results(const GemmTiling& tiling) const {
  const bool window = !sums_positions(work_);
  const std::int64_t rows =
      window ? tiling.images * tiling.h * tiling.w : work_.taps() * tiling.channels;
  return rows * tiling.n;
}

MappingModel::LastTile MappingModel::last_tile(const GemmTiling& tiling) const {
  const TileTrips count = trips(work_, tiling);
  const auto products = static_cast<double>(work_.products());
  return {
      static_cast<double>(results_) / (static_cast<double>(count.rows * count.columns) * products),
      1 / (static_cast<double>(count.total()) * products)};
}

bool MappingModel::results_fit(std::int64_t tile_results) const {
  return result_bytes(tile_results) <= chip_.accumulator.slot_bytes().count();
}

std::optional<MappingModel::OperandSizes> MappingModel::left_sizes(const GemmTiling& tiling) {
  if (work_.taps() == 0) return OperandSizes{};
  const AxisPieces::Inputs& h = h_.inputs(tiling.h);
  const AxisPieces::Inputs& w = w_.inputs(tiling.w);
  const std::int64_t elements = tiling.images * h.fullest * w.fullest * tiling.channels;
  const std::int64_t tile = operand_bytes(elements, left_, work_.format_a);
  if (tile > chip_.buffer(buffers_.left).slot_bytes().count()) return {};
  if (kept_.reads(work_.a)) return OperandSizes{tile, 0};
  const std::int64_t rows = work_.images * h.together * w.together * work_.products();
  return OperandSizes{tile,
                      least_of(left_, work_.a_images, rows, {work_.channels, tiling.channels})};
}

std::optional<MappingModel::OperandSizes> MappingModel::right_sizes(const GemmTiling& tiling) {
  if (work_.taps() == 0) return OperandSizes{};
  // Of a block-diagonal, which stays whole, the blocks alone are stored.
  const std::int64_t taps = cuts_taps(work_, tiling) ? tiling.taps : work_.taps();
  const std::int64_t rows = sums_positions(work_) ? tiling.images * tiling.h * tiling.w
                                                  : taps * tiling.channels / work_.packed;
  const std::int64_t tile = operand_bytes(rows * tiling.n, right_, work_.format_b);
  if (tile > chip_.buffer(buffers_.right).slot_bytes().count()) return {};
  return OperandSizes{tile, kept_.reads(work_.b) ? 0 : least_right(tiling)};
}

std::optional<MappingModel::OperandSizes> MappingModel::exact_left(const GemmTiling& tiling) {
  if (work_.taps() == 0) return OperandSizes{};
  const Moves& moves = left_moves(tiling);
  if (moves.largest > chip_.buffer(buffers_.left).slot_bytes().count()) return {};
  return OperandSizes{moves.largest, moves.bytes};
}

std::optional<MappingModel::OperandSizes> MappingModel::exact_right(const GemmTiling& tiling) {
  if (work_.taps() == 0) return OperandSizes{};
  const Moves& moves = right_moves(tiling);
  if (moves.largest > chip_.buffer(buffers_.right).slot_bytes().count()) return {};
  return OperandSizes{moves.largest, moves.bytes};
}

std::optional<MappingModel::Sizes> MappingModel::sizes(const GemmTiling& tiling) {
  Sizes sizes;
  if (!results_fit(tile_results(tiling))) return {};
  sizes.last = last_tile(tiling);
  sizes.results = least_results(tiling.n);
  sizes.trips = trips(work_, tiling);
  const std::optional<OperandSizes> left = left_sizes(tiling);
  const std::optional<OperandSizes> right = right_sizes(tiling);
  if (!left || !right) return {};
  sizes.left = *left;
  sizes.right = *right;
  return sizes;
}

MappingModel::ArrayTotals MappingModel::least_array(const Sizes& sizes) const {
  const auto products = static_cast<double>(work_.products());
  // A tile may save the last index of SCALE-Sim's count.
  const double saved = static_cast<double>(sizes.trips.total());
  return {products * std::max(0.0, whole_.cycles - saved), 0, products * whole_.sram_pj};
}

MappingCost MappingModel::bound(const Sizes& sizes) const {
  return bound(sizes, least_array(sizes));
}

MappingCost MappingModel::closer_bound(const Sizes& sizes, const GemmTiling& tiling) {
  return bound(sizes, array_totals(tiling));
}

/// In the order that moves the least.
std::int64_t MappingModel::least_operand_traffic(const Sizes& sizes) const {
  const std::int64_t once = sizes.left.all + sizes.right.all;
  const std::int64_t spilled = 2 * kPartialSumBytes * work_.gemm_m() * work_.n * work_.products();
  std::int64_t least = INT64_MAX;
  for (const LoopOrderInfo& each : kLoopOrders) {
    const TileReuse again = reuse(sizes.trips, each.order, slots_);
    const std::int64_t bytes =
        again.left * sizes.left.all + again.right * sizes.right.all + again.spills * spilled;
    least = std::min(least, bytes);
    if (least == once) break;
  }
  return least;
}

MappingCost MappingModel::bound(const Sizes& sizes, ArrayTotals array) const {
  MappingCost cost;
  cost.traffic.results = sizes.results;
  if (work_.taps() > 0) {
    cost.start_cycles = latency_ + at_peak(first_fetch(sizes.left.tile, sizes.right.tile));
    cost.traffic.left = least_operand_traffic(sizes);
    cost.array_cycles = array.cycles + array.end;
    cost.sram_pj = array.sram_pj;
  }
  cost.tiles = sizes.trips.total() * work_.products();
  return finish(cost, sizes.last, {0, 0, 0, issue_ * static_cast<double>(cost.tiles)});
}

/// Whole images side by side are one piece.
std::int64_t MappingModel::least_of(const StoredTensor& tensor, GroupAxis images, std::int64_t rows,
                                    SplitColumns columns) const {
  if (images == GroupAxis::kColumns && columns.piece == columns.total) {
    columns = {columns.total * work_.images, columns.piece * work_.images};
    rows /= work_.images;
  }
  return least_of(tensor, rows, columns);
}

std::int64_t MappingModel::least_of(const StoredTensor& tensor, std::int64_t rows,
                                    SplitColumns columns) const {
  const double ratio = chip_.compression.of(tensor.role);
  if (ratio == 1) return least_moved(tensor, rows, columns, chip_.dram_burst_bytes);
  return compressed_bytes(least_moved(tensor, rows, columns, 1), ratio);  // payload: no bursts
}

std::int64_t MappingModel::least_results(std::int64_t n) const {
  // Of the result of a block-diagonal the blocks alone are stored.
  const std::int64_t rows =
      work_.gemm_m() * work_.products() / (sums_positions(work_) ? work_.packed : 1);
  std::int64_t bytes = 0;
  const auto add = [&](TensorId id) {
    bytes += least_of(at(tensors_, id), work_.result_images, rows, {work_.n, n});
  };
  for (const TensorWrite& write : group_.writes) {
    if (!kept_.stays(write.tensor)) add(write.tensor);
  }
  for (const TensorId id : group_.streamed_reads) {
    if (!kept_.reads(id)) add(id);
  }
  return bytes;
}

std::int64_t MappingModel::least_right(const GemmTiling& tiling) const {
  if (sums_positions(work_)) {
    return least_of(right_, work_.b_images, work_.positions() * work_.products(),
                    {work_.n, tiling.n});
  }
  const bool transposed = work_.b_orientation == Orientation::kTransposed;
  const std::int64_t rows =
      work_.taps() * work_.products() * (transposed ? work_.block_n() : work_.block_channels());
  const SplitColumns columns =
      transposed ? SplitColumns{work_.channels, tiling.channels} : SplitColumns{work_.n, tiling.n};
  return least_of(right_, rows, columns);
}

}  // namespace mxsim
