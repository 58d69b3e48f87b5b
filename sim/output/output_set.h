#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/output/output_file.h"
#include "sim/output/output_folder.h"

namespace mxsim {

/// Files that appear together or not at all: all are on the disk before the first one has its name.
/// Without commit() nothing remains of them, nor of folders made for them. Only a kill between the
/// renames leaves a part of the set, each file of it whole.
class OutputSet {
 public:
  /// Throws InputError when the folder cannot be made.
  void folder(const std::string& path);
  /// A further file, open; throws InputError when the place cannot be written.
  OutputFile& file(const std::string& path);
  void write(const std::string& path, std::string_view content);
  /// Throws std::runtime_error when that is not possible; none of the files is changed then.
  void commit();

 private:
  std::vector<std::unique_ptr<OutputFolder>> folders_;
  std::vector<std::unique_ptr<OutputFile>> files_;  ///< go before their folders
};

/// Tries whether the folder ("": none) can be made and the files be written; nothing remains.
/// Throws InputError for the first that cannot. Files that are "" are left out.
void try_outputs(const std::string& folder, const std::vector<std::string>& files);

}  // namespace mxsim
