#pragma once

#include <functional>
#include <vector>

#include "models/mapping/program/build_context.h"

namespace mxsim {

/// kComputed: the array or a fetch makes the results; kZero: the vector unit clears them.
enum class ResultSource : std::uint8_t { kComputed, kZero };

/// The part of a group's results that its epilogue takes through the vector and re-quantization
/// units at once.
struct ResultPiece {
  std::int64_t elements = 0;
  ResultSource source = ResultSource::kComputed;
  std::vector<CommandId> ready;          ///< what computes or fetches it
  Bytes read_input{0};                   ///< payload the vector unit reads from the input buffer
  Bytes read_accumulator{0};             ///< and from the accumulator buffer
  std::int64_t rows = 0;                 ///< rows of the grid that end in it
  Unit buffer = Unit::kSramAccumulator;  ///< that the results pass
};

/// Appends what follows a piece of results: vector operations, re-quantization, stores.
class Epilogue {
 public:
  Epilogue(const BuildContext& context, std::uint32_t group)
      : context_(context), index_(group), group_(context.ops.groups.at(group)) {}

  /// Fetches the broadcast tensors unless that has happened; call before the first finish().
  void fetch_broadcasts();
  /// The piece's place in a written tensor that starts at the address.
  using PieceRuns = std::function<std::vector<DramRun>(TensorId, std::int64_t base)>;
  /// Returns the commands after which the slot of the piece is free again.
  std::vector<CommandId> finish(const ResultPiece& piece, const PieceRuns& runs);
  /// Stores the reductions; call once, last.
  void store_reductions();
  /// All that the group stores.
  std::vector<ByteRange> written_ranges() const;

 private:
  /// Vector and re-quantization commands; returns the last command that produces the results.
  CommandId process(const ResultPiece& piece);
  CommandId add_vector(const ResultPiece& piece, std::vector<CommandId> ready);
  std::int64_t writes_with(Encoding encoding) const;
  RequantWork encoding(std::int64_t elements) const;
  std::int64_t converted_draws(std::int64_t elements) const;
  /// Bytes of `elements` in the formats of the writes with this encoding.
  Bytes written_bytes(std::int64_t elements, Encoding encoding) const;

  BuildContext context_;
  std::uint32_t index_;
  const OpGroup& group_;
  bool fetched_ = false;
  std::vector<CommandId> broadcasts_;
  std::size_t broadcast_set_ = 0;
  std::vector<CommandId> last_;  ///< last command that produced results
};

}  // namespace mxsim
