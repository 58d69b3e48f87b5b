#include "models/mapping/program/byte_history.h"

#include <algorithm>
#include <iterator>

namespace mxsim {

std::vector<ByteRange> covering_ranges(const std::vector<DramRun>& runs) {
  std::vector<ByteRange> ranges;
  for (const DramRun& run : runs) {
    const ByteRange range{run.base, run.base + (run.rows - 1) * run.stride + run.row_bytes};
    if (range.end <= range.begin) continue;
    const bool continues = !ranges.empty() && range.begin >= ranges.back().begin &&
                           range.begin <= ranges.back().end + run.stride;
    if (continues) {
      ranges.back().end = std::max(ranges.back().end, range.end);
    } else {
      ranges.push_back(range);
    }
  }
  return ranges;
}

void ByteHistory::split(std::int64_t at) {
  auto next = entries_.lower_bound(at);
  if (next == entries_.begin()) return;
  Entry& before = std::prev(next)->second;
  if (before.end <= at) return;
  entries_.emplace_hint(next, at, before);
  before.end = at;
}

void ByteHistory::record(const ByteRange& range, CommandId command) {
  split(range.begin);
  split(range.end);
  const auto next =
      entries_.erase(entries_.lower_bound(range.begin), entries_.lower_bound(range.end));
  entries_.emplace_hint(next, range.begin, Entry{range.end, command});
}

std::optional<CommandId> ByteHistory::newest(const ByteRange& range) const {
  std::optional<CommandId> newest;
  auto entry = entries_.upper_bound(range.begin);
  if (entry != entries_.begin() && std::prev(entry)->second.end > range.begin) --entry;
  for (; entry != entries_.end() && entry->first < range.end; ++entry) {
    newest = std::max(newest, std::optional(entry->second.command));
  }
  return newest;
}

void ByteHistory::forget_below(CommandId command) {
  std::erase_if(entries_, [&](const auto& entry) { return entry.second.command < command; });
}

}  // namespace mxsim
