#pragma once

#include <string>
#include <vector>

namespace mxsim {

/// A folder with its parents: those that are missing are made, and removed again, if they are
/// empty, unless keep() was called.
class OutputFolder {
 public:
  /// Throws InputError when that is not possible.
  explicit OutputFolder(const std::string& path);
  ~OutputFolder();
  OutputFolder(const OutputFolder&) = delete;
  OutputFolder& operator=(const OutputFolder&) = delete;

  void keep() { made_.clear(); }

 private:
  void remove_made();

  std::vector<std::string> made_;  ///< outermost first
};

/// Makes the folder and its parents for good.
void make_folder(const std::string& path);

}  // namespace mxsim
