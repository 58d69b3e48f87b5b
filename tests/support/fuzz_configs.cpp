#include <algorithm>

#include "sim/config/file_kind.h"
#include "sim/config/load.h"
#include "sim/config/run_config.h"
#include "sim/config/trace_reader.h"
#include "sim/run/run_once.h"
#include "tests/support/fuzz_parts.h"

namespace mxsim {
namespace {

/// The kinds of file are told apart by their keys; names in them are relative to `place`.
FuzzTarget config_files(const std::string& folder) {
  return {folder,
          [folder](std::string_view input) {
            refusing([&] {
              const Document document =
                  Document::parse(std::string(input), "configs/" + folder + "/fuzz.json");
              kind_of(document).check(document);
            });
          },
          [folder] { return files_of("configs/" + folder, ".json"); }};
}

/// Lines "/pointer=value" over the smallest run: loaded, mapped, placed and, if small, run.
void run_with_settings(std::string_view input) {
  refusing([&] {
    constexpr std::int64_t kMostMacs = 100'000'000;
    std::vector<Override> overrides{{"/mode", "infer"}, {"/batch", "1"}};
    while (!input.empty()) {
      const std::size_t end = std::min(input.find('\n'), input.size());
      if (end > 0) overrides.push_back(parse_override(input.substr(0, end)));
      input.remove_prefix(std::min(end + 1, input.size()));
    }
    const auto run = load_config<RunConfig>("configs/runs/tiny_cnn_train.json", overrides);
    check_placement(run);
    const bool small = run.batch <= 4 && run.workload.macs.value_or(kMostMacs) < kMostMacs &&
                       run.fidelity == Fidelity::kTile && run.generate == 0;
    if (small) run_once(run);
  });
}

std::vector<std::string> hostile_settings() {
  std::vector<std::string> lines;
  for (const Field& field : describe_fields<RunConfig>()) {
    for (const char* value : {"0", "-1", "1", "3", "1e18", "9223372036854775807", "null", "[]",
                              "{}", "\"\"", "true", "0.5"}) {
      std::string pointer = field.pointer;
      for (std::size_t at = pointer.find('*'); at != std::string::npos; at = pointer.find('*')) {
        pointer.replace(at, 1, "0");
      }
      lines.push_back(pointer + "=" + value + "\n");
    }
  }
  return lines;
}

void add_documents(std::vector<FuzzTarget>& targets) {
  for (const char* folder : {"runs", "chips", "dram", "technology", "sweeps", "explorations"}) {
    targets.push_back(config_files(folder));
  }
  targets.push_back({"trace",
                     [](std::string_view input) {
                       refusing([&] {
                         const Document document =
                             Document::parse(std::string(input), "traces/fuzz.json");
                         load_config<Graph>(document);
                       });
                     },
                     [] { return files_of("traces", ".json"); }});
  targets.push_back({"settings", run_with_settings, hostile_settings});
}

}  // namespace

std::vector<FuzzTarget> config_targets() {
  std::vector<FuzzTarget> targets;
  add_documents(targets);
  return targets;
}

}  // namespace mxsim
