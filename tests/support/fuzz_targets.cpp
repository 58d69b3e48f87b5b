#include "tests/support/fuzz_targets.h"

#include <algorithm>
#include <filesystem>
#include <stdexcept>
#include <utility>

#include "sim/json/strict_json.h"
#include "tests/support/fuzz_parts.h"

namespace mxsim {

namespace fs = std::filesystem;

std::vector<std::string> files_of(const std::string& folder, const std::string& extension) {
  std::vector<std::string> contents;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    constexpr std::uintmax_t kLargest = 64 * 1024;
    const bool fits = entry.is_regular_file() && entry.file_size() <= kLargest;
    if (fits && entry.path().extension() == extension) {
      contents.push_back(read_text_file(entry.path().string()));
    }
  }
  return contents;
}

namespace {

/// Inputs that were a fault once, or that mutation does not find.
std::vector<std::string> kept_inputs(const std::string& target) {
  const fs::path folder = fs::path("tests/data/fuzz") / target;
  std::vector<fs::path> paths;
  if (fs::is_directory(folder)) {
    for (const auto& entry : fs::directory_iterator(folder)) paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> inputs;
  for (const fs::path& path : paths) inputs.push_back(read_text_file(path.string()));
  return inputs;
}

std::vector<FuzzTarget> all_targets() {
  std::vector<FuzzTarget> targets = config_targets();
  for (auto part : {file_targets(), text_targets()}) {
    for (FuzzTarget& target : part) targets.push_back(std::move(target));
  }
  for (FuzzTarget& target : targets) {
    target.seeds = [own = target.seeds, name = target.name] {
      std::vector<std::string> seeds = own();
      for (std::string& kept : kept_inputs(name)) seeds.push_back(std::move(kept));
      return seeds;
    };
  }
  return targets;
}

}  // namespace

const std::vector<FuzzTarget>& fuzz_targets() {
  static const std::vector<FuzzTarget> targets = all_targets();
  return targets;
}

const FuzzTarget& fuzz_target(const std::string& name) {
  for (const FuzzTarget& target : fuzz_targets()) {
    if (target.name == name) return target;
  }
  throw std::out_of_range("no fuzz target \"" + name + "\"");
}

}  // namespace mxsim
