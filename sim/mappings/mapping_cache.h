#pragma once

#include <functional>
#include <string>
#include <unordered_map>

#include "models/mapping/search/mapping_store.h"

namespace mxsim {

/// Remembers mappings, the last few thousand in this process, and all of them in a folder if there
/// is one. A file of the folder is a mapping with all that its search read and the build of the
/// program; it appears whole, so that any number of processes may share the folder. A file that is
/// damaged, or stands for another search, counts as missing and is written again.
class MappingCache : public MappingStore {
 public:
  using Warning = std::function<void(const std::string& text)>;

  /// `folder` is made if needed; "": none. `program`: the build that wrote a file and may read it.
  /// `warn` is told about damaged files and, once, that no more can be written. Throws InputError
  /// when the folder cannot be written.
  MappingCache(std::string folder, std::string program, Warning warn);

  std::optional<GemmMapping> find(const MapperChip& chip, const SearchKey& key) override;
  void keep(const MapperChip& chip, const SearchKey& key, const GemmMapping& mapping) override;

  std::size_t found() const { return found_; }
  std::size_t missed() const { return missed_; }

 private:
  void remember(const std::string& search, const GemmMapping& mapping);
  std::string path_of(const std::string& search) const;
  std::optional<GemmMapping> read(const std::string& search);
  void write(const std::string& search, const GemmMapping& mapping);

  std::string folder_;
  std::string program_;
  Warning warn_;
  std::unordered_map<std::string, GemmMapping> recent_;
  std::size_t found_ = 0;
  std::size_t missed_ = 0;
  std::size_t written_ = 0;
  bool writable_;
};

}  // namespace mxsim
