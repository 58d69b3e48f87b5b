#include "models/mapping/program/epilogue.h"

#include <algorithm>
#include <utility>

#include "models/core/error.h"
#include "models/mapping/program/encoding_work.h"

namespace mxsim {
namespace {

constexpr std::int64_t kFp32Bytes = 4;

}  // namespace

void Epilogue::fetch_broadcasts() {
  if (std::exchange(fetched_, true) || group_.broadcast_reads.empty()) return;
  TurnTaking& sets = context_.slots.broadcasts;
  broadcast_set_ = sets.next();
  sets.advance();
  const std::vector<CommandId> users = sets.users(broadcast_set_);
  for (const TensorId id : group_.broadcast_reads) {
    const StoredTensor& source = context_.tensor(id);
    TransferWork whole = context_.transfer(
        id, flat_runs(source, context_.plan.source(id, index_), {0, source.rows * source.cols}));
    broadcasts_.push_back(context_.stream.add({Unit::kDmaRead, users, std::move(whole), {}}));
  }
  sets.use(broadcast_set_, broadcasts_);
}

std::int64_t Epilogue::writes_with(Encoding encoding) const {
  return std::count_if(group_.writes.begin(), group_.writes.end(),
                       [&](const TensorWrite& write) { return write.encoding == encoding; });
}

Bytes Epilogue::written_bytes(std::int64_t elements, Encoding encoding) const {
  Bytes sum{0};
  for (const TensorWrite& write : group_.writes) {
    if (write.encoding != encoding) continue;
    sum += Bytes(ceil_div(elements * context_.tensor(write.tensor).layout.format.element_bits, 8));
  }
  return sum;
}

/// All copies that the re-quantization unit makes of so many results.
RequantWork Epilogue::encoding(std::int64_t elements) const {
  RequantWork all{elements, 0};
  for (const TensorWrite& write : group_.writes) {
    if (write.encoding != Encoding::kQuantize) continue;
    const RequantWork one =
        encoding_work(elements, context_.tensor(write.tensor).layout.format, false);
    all.encodings += one.encodings;
    all.draws += one.draws;
    all.hadamard_adds += one.hadamard_adds;
  }
  return all;
}

std::int64_t Epilogue::converted_draws(std::int64_t elements) const {
  return elements *
         std::count_if(group_.writes.begin(), group_.writes.end(), [&](const TensorWrite& write) {
           const FormatSpec& format = context_.tensor(write.tensor).layout.format;
           return write.encoding == Encoding::kConvert && format.rounding == Rounding::kStochastic;
         });
}

CommandId Epilogue::add_vector(const ResultPiece& piece, std::vector<CommandId> ready) {
  ready.insert(ready.end(), broadcasts_.begin(), broadcasts_.end());
  Bytes written = written_bytes(piece.elements, Encoding::kConvert) +
                  written_bytes(piece.elements, Encoding::kNone);
  if (writes_with(Encoding::kQuantize) > 0) written += Bytes(piece.elements * kFp32Bytes);
  const VectorWork work{piece.elements, piece.elements * writes_with(Encoding::kConvert),
                        converted_draws(piece.elements), piece.rows};
  const CommandId id = context_.stream.add({Unit::kVector,
                                            std::move(ready),
                                            work,
                                            {{Unit::kSramInput, piece.read_input, Bytes(0)},
                                             {piece.buffer, piece.read_accumulator, written}}});
  if (!broadcasts_.empty()) context_.slots.broadcasts.use(broadcast_set_, {id});
  return id;
}

CommandId Epilogue::process(const ResultPiece& piece) {
  std::vector<CommandId> ready = piece.ready;
  const std::int64_t encodings = writes_with(Encoding::kQuantize);
  const bool through_vector_unit = !group_.vector_ops.empty() ||
                                   writes_with(Encoding::kConvert) > 0 ||
                                   piece.source == ResultSource::kZero;
  if (through_vector_unit) ready = {add_vector(piece, std::move(ready))};
  if (encodings > 0) {
    ready = {context_.stream.add({Unit::kRequant,
                                  ready,
                                  encoding(piece.elements),
                                  {{piece.buffer, Bytes(piece.elements * kFp32Bytes),
                                    written_bytes(piece.elements, Encoding::kQuantize)}}})};
  }
  ensure(!ready.empty(), "results that nothing computes");
  last_ = ready;
  return *std::max_element(ready.begin(), ready.end());
}

std::vector<CommandId> Epilogue::finish(const ResultPiece& piece, const PieceRuns& runs) {
  const CommandId produced = process(piece);
  std::vector<CommandId> stores;
  for (const TensorWrite& write : group_.writes) {
    for (const std::int64_t base : context_.plan.targets(write.tensor)) {
      TransferWork work = context_.transfer(write.tensor, runs(write.tensor, base));
      const Bytes bytes = payload(work.runs);
      stores.push_back(context_.stream.add(
          {Unit::kDmaWrite, {produced}, std::move(work), {{piece.buffer, bytes, Bytes(0)}}}));
    }
  }
  return stores.empty() ? std::vector<CommandId>{produced} : stores;
}

void Epilogue::store_reductions() {
  for (const TensorWrite& write : group_.reduction_writes) {
    const StoredTensor& target = context_.tensor(write.tensor);
    for (const std::int64_t base : context_.plan.targets(write.tensor)) {
      TransferWork whole =
          context_.transfer(write.tensor, flat_runs(target, base, {0, target.rows * target.cols}));
      context_.stream.add({Unit::kDmaWrite, last_, std::move(whole), {}});
    }
  }
}

std::vector<ByteRange> Epilogue::written_ranges() const {
  std::vector<ByteRange> ranges;
  for (const auto* writes : {&group_.writes, &group_.reduction_writes}) {
    for (const TensorWrite& write : *writes) {
      const std::int64_t bytes = context_.tensor(write.tensor).bytes().count();
      for (const std::int64_t base : context_.plan.targets(write.tensor)) {
        ranges.push_back({base, base + bytes});
      }
    }
  }
  return ranges;
}

}  // namespace mxsim
