#include "models/mapping/program/program.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace mxsim {
namespace {

struct WorkText {
  std::string operator()(const TransferWork& work) const {
    return fmt::format("{} bytes in {} runs", payload(work.runs).count(), work.runs.size());
  }
  std::string operator()(const ArrayWork& work) const {
    return fmt::format(
        "gemm {} batch {} group {} images {}+{} h {}+{} w {}+{} c {}+{} t {}+{} n {}+{}{}",
        work.gemm, work.tile.batch, work.tile.group, work.tile.images.start, work.tile.images.count,
        work.tile.h.start, work.tile.h.count, work.tile.w.start, work.tile.w.count,
        work.tile.channels.start, work.tile.channels.count, work.tile.taps.start,
        work.tile.taps.count, work.tile.n.start, work.tile.n.count,
        work.accumulate == Accumulate::kAdd ? " add" : "");
  }
  std::string operator()(const VectorWork& work) const {
    return fmt::format("{} elements", work.elements);
  }
  std::string operator()(const RequantWork& work) const {
    return fmt::format("{} elements x {}", work.elements, work.encodings);
  }
};

}  // namespace

std::string to_string(const Command& command) {
  return fmt::format("{}: {} after {}", to_string(command.unit),
                     std::visit(WorkText{}, command.work), fmt::join(command.after, ","));
}

}  // namespace mxsim
