#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/core/error.h"
#include "sim/config/field_lister.h"
#include "sim/config/file_kind.h"
#include "sim/run/run_outlook.h"

namespace mxsim {

/// What `check` found in one file; no faults: the file is good.
struct CheckedFile {
  std::string file;
  std::string kind;  ///< "" when it could not be told
  std::vector<Diagnostic> faults;
  std::vector<std::string> warnings;  ///< of a good file
  std::optional<RunOutlook> outlook;  ///< of a good run file
};

/// {"files": [{"file", "kind", "faults": [{"file", "pointer", "message"}], "warnings": [text]}]},
/// of a good run file also "memory" and "estimate" (outlook_text.h)
std::string check_json(const std::vector<CheckedFile>& files);

/// [{"key", "type", "unit", "range", "default", "required", "meaning"}]
std::string describe_json(const std::vector<Field>& fields);

/// A table, or where it is too wide a few lines for each key.
std::string describe_text(const std::vector<Field>& fields, std::size_t width);

/// The fields but for those below a reference: they belong to another kind of file.
std::vector<Field> without_files(const std::vector<Field>& fields);

/// A Markdown table of the keys, without those of files that have a table of their own.
std::string describe_markdown(const std::vector<Field>& fields);

/// JSON Schema (draft 7) of a kind of file; objects of other kinds of file have a schema of their
/// own.
std::string schema_json(const FileKind& kind);

}  // namespace mxsim
