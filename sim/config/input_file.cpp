#include "sim/config/input_file.h"

#include <array>
#include <filesystem>
#include <system_error>

namespace mxsim {

std::string find_input_file(const std::string& path) {
  namespace fs = std::filesystem;
  // From <prefix>/bin to <prefix>/share/mxsim, from <source>/build/<preset> to <source>.
  constexpr std::array<const char*, 2> kFolders{"../share/mxsim", "../.."};
  std::error_code error;
  if (path.empty() || fs::path(path).is_absolute() || fs::exists(path, error)) return path;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (error) return path;
  for (const char* folder : kFolders) {
    const fs::path candidate = (program.parent_path() / folder / path).lexically_normal();
    if (fs::exists(candidate, error)) return candidate.string();
  }
  return path;
}

}  // namespace mxsim
