#include "sim/output/output_set.h"

#include <exception>
#include <filesystem>
#include <set>

#include "models/core/error.h"

namespace mxsim {

void OutputSet::folder(const std::string& path) {
  folders_.push_back(std::make_unique<OutputFolder>(path));
}

OutputFile& OutputSet::file(const std::string& path) {
  return *files_.emplace_back(std::make_unique<OutputFile>(path));
}

void OutputSet::write(const std::string& path, std::string_view content) {
  file(path).write(content);
}

void OutputSet::commit() {
  for (const auto& each : files_) each->sync();
  try {
    for (const auto& each : files_) each->publish();
  } catch (const std::exception&) {
    for (const auto& each : files_) each->withdraw();
    throw;
  }
  for (const auto& each : folders_) each->keep();
}

void try_outputs(const std::string& folder, const std::vector<std::string>& files) {
  namespace fs = std::filesystem;
  OutputSet trial;
  if (!folder.empty()) trial.folder(folder);
  std::set<fs::path> seen;
  for (const std::string& path : files) {
    if (path.empty()) continue;
    trial.file(path);
    if (!seen.insert(fs::weakly_canonical(fs::absolute(path))).second) {
      throw InputError({{path, "", "is to hold two of the results"}});
    }
  }
}

}  // namespace mxsim
