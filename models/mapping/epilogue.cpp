#include "models/mapping/epilogue.h"

#include <algorithm>
#include <utility>

#include "models/core/error.h"

namespace mxsim {
namespace {

constexpr std::int64_t kFp32Bytes = 4;

}  // namespace

Epilogue::Epilogue(const OpList& ops, const OpGroup& group, const MemoryPlan& plan,
                   Program& program)
    : ops_(ops), group_(group), plan_(plan), program_(program) {}

void Epilogue::fetch_broadcasts() {
  for (const TensorId id : group_.broadcast_reads) {
    const StoredTensor& source = tensor(id);
    broadcasts_.push_back(program_.add(
        {Unit::kDmaRead,
         {},
         TransferWork{flat_runs(source, plan_.base(id), {0, source.rows * source.cols})},
         {}}));
  }
}

std::int64_t Epilogue::writes_with(Encoding encoding) const {
  return std::count_if(group_.writes.begin(), group_.writes.end(),
                       [&](const TensorWrite& write) { return write.encoding == encoding; });
}

Bytes Epilogue::written_bytes(std::int64_t elements, Encoding encoding) const {
  Bytes sum{0};
  for (const TensorWrite& write : group_.writes) {
    if (write.encoding != encoding) continue;
    sum += Bytes(ceil_div(elements * tensor(write.tensor).layout.format.element_bits, 8));
  }
  return sum;
}

CommandId Epilogue::process(const ResultPiece& piece) {
  std::vector<CommandId> ready = piece.ready;
  const std::int64_t conversions = writes_with(Encoding::kConvert);
  const std::int64_t encodings = writes_with(Encoding::kQuantize);
  const bool through_vector_unit =
      !group_.vector_ops.empty() || conversions > 0 || piece.source == ResultSource::kZero;
  if (through_vector_unit) {
    ready.insert(ready.end(), broadcasts_.begin(), broadcasts_.end());
    Bytes written = written_bytes(piece.elements, Encoding::kConvert) +
                    written_bytes(piece.elements, Encoding::kNone);
    if (encodings > 0) written += Bytes(piece.elements * kFp32Bytes);
    ready = {program_.add({Unit::kVector,
                           ready,
                           VectorWork{piece.elements, piece.elements * conversions},
                           {{Unit::kSramInput, piece.read_input, Bytes(0)},
                            {Unit::kSramAccumulator, piece.read_accumulator, written}}})};
  }
  if (encodings > 0) {
    ready = {program_.add({Unit::kRequant,
                           ready,
                           RequantWork{piece.elements, encodings},
                           {{Unit::kSramAccumulator, Bytes(piece.elements * kFp32Bytes),
                             written_bytes(piece.elements, Encoding::kQuantize)}}})};
  }
  ensure(!ready.empty(), "results that nothing computes");
  last_ = ready;
  return *std::max_element(ready.begin(), ready.end());
}

std::vector<CommandId> Epilogue::finish(const ResultPiece& piece,
                                        const std::function<std::vector<DramRun>(TensorId)>& runs) {
  const CommandId produced = process(piece);
  std::vector<CommandId> stores;
  for (const TensorWrite& write : group_.writes) {
    TransferWork work{runs(write.tensor)};
    const Bytes bytes = payload(work.runs);
    stores.push_back(program_.add({Unit::kDmaWrite,
                                   {produced},
                                   std::move(work),
                                   {{Unit::kSramAccumulator, bytes, Bytes(0)}}}));
  }
  return stores.empty() ? std::vector<CommandId>{produced} : stores;
}

void Epilogue::store_reductions() {
  for (const TensorWrite& write : group_.reduction_writes) {
    const StoredTensor& target = tensor(write.tensor);
    program_.add(
        {Unit::kDmaWrite,
         last_,
         TransferWork{flat_runs(target, plan_.base(write.tensor), {0, target.rows * target.cols})},
         {}});
  }
}

}  // namespace mxsim
