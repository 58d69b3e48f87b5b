#include "sim/output/output_folder.h"

#include <filesystem>
#include <system_error>

#include "models/core/error.h"

namespace mxsim {

OutputFolder::OutputFolder(const std::string& path) {
  namespace fs = std::filesystem;
  if (path.empty()) throw InputError("the name of an output folder is empty");
  fs::path at;
  for (const fs::path& part : fs::path(path)) {
    at /= part;
    std::error_code error;
    if (fs::create_directory(at, error)) made_.push_back(at.string());
    if (!error) continue;
    remove_made();
    throw InputError({{path, "", "cannot be made a folder: " + error.message()}});
  }
}

OutputFolder::~OutputFolder() { remove_made(); }

void OutputFolder::remove_made() {
  for (; !made_.empty(); made_.pop_back()) {
    std::error_code ignored;
    std::filesystem::remove(made_.back(), ignored);
  }
}

void make_folder(const std::string& path) { OutputFolder(path).keep(); }

}  // namespace mxsim
