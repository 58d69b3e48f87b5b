#include "sim/config/file_kind.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sim/config/dram_config.h"
#include "sim/config/explore_config.h"
#include "sim/config/load.h"
#include "sim/config/run_config.h"
#include "sim/config/sweep_config.h"
#include "sim/config/trace_reader.h"

namespace mxsim {
namespace {

template <class T>
void check_as(const Document& document) {
  load_config<T>(document);
}

template <class T>
FileKind kind(std::string name, std::string title, std::vector<std::string> marker_keys) {
  return {std::move(name), std::move(title), std::move(marker_keys), describe_fields<T>,
          check_as<T>};
}

}  // namespace

const std::vector<FileKind>& file_kinds() {
  static const std::vector<FileKind> kinds{
      kind<RunConfig>("run", "one simulation", {"chip", "workload"}),
      kind<ChipConfig>("chip", "an accelerator", {"array", "buffers"}),
      kind<DramFile>("device", "a DRAM", {"organisation", "address_map"}),
      kind<TechnologyFile>("technology", "prices of a process node", {"node_nm", "pe"}),
      kind<Graph>("trace", "a network", {"layers", "inputs"}),
      kind<ExploreConfig>("explore", "a search for the front in a space of settings",
                          {"base", "search"}),
      kind<SweepConfig>("sweep", "a run for every point of a space of settings", {"base"}),
  };
  return kinds;
}

const FileKind& kind_of(const Document& document) {
  std::vector<std::string> expected;
  for (const FileKind& candidate : file_kinds()) {
    const bool fits =
        std::all_of(candidate.marker_keys.begin(), candidate.marker_keys.end(),
                    [&](const std::string& key) { return document.root().contains(key); });
    if (fits) return candidate;
    expected.push_back(
        fmt::format("{} ({})", candidate.name, fmt::join(candidate.marker_keys, ", ")));
  }
  throw InputError(
      {document.locate("", fmt::format("not recognised: expected the keys of one of {}",
                                       fmt::join(expected, ", ")))});
}

}  // namespace mxsim
