#include "models/mapping/program/stream_program.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "models/core/error.h"
#include "models/mapping/program/epilogue.h"

namespace mxsim {
namespace {

__extension__ using Wide = __int128;

constexpr std::int64_t kFp32Bytes = 4;

double bytes_per_grid_element(const StoredTensor& tensor, const OpGroup& group) {
  return static_cast<double>(tensor.bytes().count()) / static_cast<double>(group.elements());
}

class StreamProgram {
 public:
  StreamProgram(const BuildContext& context, std::uint32_t group)
      : context_(context),
        index_(group),
        group_(context.ops.groups.at(group)),
        epilogue_(context, group),
        chunk_(chunk_elements(context.ops, group_, context.chip)) {}

  void build() {
    for (std::int64_t start = 0; start < group_.elements(); start += chunk_) {
      add_chunk({start, std::min(chunk_, group_.elements() - start)});
    }
    epilogue_.store_reductions();
  }

 private:
  std::vector<DramRun> runs(TensorId id, std::int64_t base, Range chunk) const {
    const StoredTensor& tensor = context_.tensor(id);
    return flat_runs(tensor, base, stream_share(tensor, group_, chunk));
  }

  struct Read {
    TransferWork work;
    MemoryClass memory_class;
  };

  /// What the chunk reads; what was stored longest ago first.
  std::vector<Read> reads(Range chunk) const {
    std::vector<Read> transfers;
    for (const TensorId id : group_.streamed_reads) {
      transfers.push_back({context_.transfer(id, runs(id, context_.plan.source(id, index_), chunk)),
                           context_.plan.memory_class(id)});
    }
    const auto stored = [&](const Read& read) {
      return context_.stream.newest_store(read.work.runs);
    };
    std::stable_sort(transfers.begin(), transfers.end(),
                     [&](const auto& a, const auto& b) { return stored(a) < stored(b); });
    return transfers;
  }

  void add_chunk(Range chunk) {
    SlotRing<OperandKey>& input = context_.slots.input;
    const Unit buffer = context_.chip.stream_buffer();
    TurnTaking& results = context_.slots.results_in(buffer);
    const std::size_t result_slot = results.next();
    results.advance();
    ResultPiece piece{chunk.count, ResultSource::kComputed, results.users(result_slot), Bytes(0),
                      Bytes(0)};
    piece.buffer = buffer;
    piece.rows = chunk.end() / group_.cols - chunk.start / group_.cols;
    OperandKey key;
    key.op_group = index_;
    key.h = chunk;
    const std::vector<CommandId> input_users = input.advance(key);
    BytesByClass held{};
    for (Read& read : reads(chunk)) {
      const Bytes bytes = payload(read.work.runs);
      piece.read_input += bytes;
      held += only(read.memory_class, bytes);
      piece.ready.push_back(context_.stream.add({Unit::kDmaRead,
                                                 input_users,
                                                 std::move(read.work),
                                                 {{Unit::kSramInput, Bytes(0), bytes}}}));
    }
    context_.slots.occupancy.fill(Unit::kSramInput, held);
    context_.slots.occupancy.fill(buffer,
                                  only(MemoryClass::kWorkspace, Bytes(chunk.count * kFp32Bytes)));
    epilogue_.fetch_broadcasts();
    context_.stream.write_postponed();
    const std::vector<CommandId> last = epilogue_.finish(
        piece, [&](TensorId id, std::int64_t base) { return runs(id, base, chunk); });
    input.current().users = last;
    results.use(result_slot, last);
  }

  BuildContext context_;
  std::uint32_t index_;
  const OpGroup& group_;
  Epilogue epilogue_;
  std::int64_t chunk_;
};

}  // namespace

Range stream_share(const StoredTensor& tensor, const OpGroup& group, Range piece) {
  const std::int64_t total = tensor.rows * tensor.cols;
  const auto at = [&](std::int64_t element) {
    return static_cast<std::int64_t>(static_cast<Wide>(total) * element / group.elements());
  };
  return {at(piece.start), at(piece.end()) - at(piece.start)};
}

std::int64_t chunk_elements(const OpList& ops, const OpGroup& group, const MapperChip& chip) {
  constexpr std::int64_t kOverlappedChunks = 4;
  constexpr std::int64_t kSmallest = 64;
  double read = 0;
  std::int64_t block_rows = 1;
  std::int64_t band_rows = 1;
  for (const TensorId id : group.streamed_reads) {
    const StoredTensor& tensor = ops.tensors.at(static_cast<std::size_t>(id));
    read += bytes_per_grid_element(tensor, group);
    block_rows = std::max(block_rows, tensor.layout.block.rows);
    band_rows = std::max(band_rows, tensor.tile.rows);
  }
  double written = kFp32Bytes;
  double encoded = 0;
  for (const TensorWrite& write : group.writes) {
    const StoredTensor& tensor = ops.tensors.at(static_cast<std::size_t>(write.tensor));
    encoded += bytes_per_grid_element(tensor, group);
    block_rows = std::max(block_rows, tensor.layout.block.rows);
    band_rows = std::max(band_rows, tensor.tile.rows);
  }
  written = std::max(written, encoded);
  const auto most = [](Bytes slot, double bytes) {
    return bytes > 0 ? std::floor(static_cast<double>(slot.count()) / bytes) : 0x1p62;
  };
  const double fitting = std::min(most(chip.input.slot_bytes(), read),
                                  most(chip.buffer(chip.stream_buffer()).slot_bytes(), written));
  auto chunk = static_cast<std::int64_t>(std::min(fitting, 0x1p62));
  if (chunk < 1) {
    throw InputError(fmt::format("layer \"{}\" ({}): not one element fits the buffers", group.layer,
                                 to_string(group.pass)));
  }
  chunk = std::min(chunk, std::max(kSmallest, ceil_div(group.elements(), kOverlappedChunks)));
  for (const std::int64_t rows : {std::max(band_rows, block_rows), block_rows}) {
    const std::int64_t granule = group.cols * std::min(rows, group.rows);
    if (chunk >= granule) return chunk - chunk % granule;
  }
  return chunk - chunk % std::min(chunk, kSmallest);
}

void build_stream_program(const BuildContext& context, std::uint32_t group) {
  StreamProgram(context, group).build();
}

}  // namespace mxsim
