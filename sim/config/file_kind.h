#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sim/config/document.h"
#include "sim/config/field_lister.h"

namespace mxsim {

/// A kind of file a user writes.
struct FileKind {
  std::string name;                         ///< "run", "chip", ...
  std::string title;                        ///< what it describes
  std::vector<std::string> marker_keys;     ///< a file with all of these at its top is of this kind
  std::vector<Field> (*fields)();           ///< every key with its default
  void (*check)(const Document& document);  ///< throws InputError with every fault
};

/// Every kind, the first that matches decides.
const std::vector<FileKind>& file_kinds();

/// The kind that the content shows; throws InputError naming the kinds when it fits none.
const FileKind& kind_of(const Document& document);

}  // namespace mxsim
