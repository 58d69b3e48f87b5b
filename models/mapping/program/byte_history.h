#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "models/dram/dram_run.h"
#include "models/mapping/program/program.h"

namespace mxsim {

/// Bytes [begin, end) of DRAM.
struct ByteRange {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  bool operator==(const ByteRange&) const = default;
};

/// Ranges that cover the runs. Runs that follow each other at the distance of their pieces are one
/// range: gaps between pieces belong to it.
std::vector<ByteRange> covering_ranges(const std::vector<DramRun>& runs);

/// For every byte of DRAM, the newest command that touched it.
class ByteHistory {
 public:
  /// `command` must not be smaller than any recorded before it.
  void record(const ByteRange& range, CommandId command);
  /// The newest command that touched any byte of the range.
  std::optional<CommandId> newest(const ByteRange& range) const;
  /// Forgets commands below `command`.
  void forget_below(CommandId command);
  /// Entries, each one newest command for a range of bytes.
  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    std::int64_t end;
    CommandId command;
  };
  /// Makes `at` a border between entries.
  void split(std::int64_t at);

  std::map<std::int64_t, Entry> entries_;  ///< by first byte; disjoint
};

}  // namespace mxsim
