#pragma once

#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "models/core/error.h"

namespace mxsim {

/// Replaces the value at `pointer`, as `/json/pointer=value` of the command line does. The value is
/// JSON, or else a text. One that stands in a file says where: faults of it are told there, and
/// files that it names are relative to that file.
struct Override {
  std::string pointer;
  std::string value;
  std::string file = "";   ///< "": the command line
  std::string place = "";  ///< pointer of the value in `file`
};

/// Splits "/a/b=value"; throws InputError when there is no pointer or no '='.
Override parse_override(std::string_view argument);

/// A JSON value put together from one or more files, which knows the file every part stands in.
/// Copies of a document read a file that they include only once among them.
class Document {
 public:
  /// Reads `path` strictly (strict_json.h), or a network file of another program as the trace it
  /// makes (trace_writer.h); throws InputError.
  static Document load(const std::string& path);
  /// The same for a text in memory; `file` names it in messages.
  static Document parse(const std::string& text, const std::string& file);

  /// Puts the content of the named files into the places at `pointers` (parents first) that hold a
  /// string, then applies the overrides. An override at or above one of the pointers applies before
  /// it, and a file it names is relative to the working directory. What goes wrong is kept in
  /// faults(), so that the rest can still be checked.
  void assemble(const std::vector<std::string>& pointers, const std::vector<Override>& overrides);

  const nlohmann::json& root() const { return *root_; }
  const std::vector<Diagnostic>& faults() const { return faults_; }
  /// The file named at `pointer` could not be read; faults() says why.
  bool broken(const std::string& pointer) const { return broken_.contains(pointer); }
  /// The value at `pointer`, or the object around it, comes from an override.
  bool replaced(const std::string& pointer) const;
  /// Some value at or below `pointer` does.
  bool replaced_within(const std::string& pointer) const;
  /// Path of the file that the text at `pointer` names; throws InputError when there is none.
  std::string resolve(const std::string& pointer, const std::string& name) const;
  /// A fault at `pointer` of the assembled document, told in terms of the file it stands in.
  Diagnostic locate(const std::string& pointer, std::string message) const;

 private:
  struct Origin {
    std::string file;
    std::string pointer;
    bool replaced = false;  ///< by an override
  };

  Document(nlohmann::json root, std::string file);
  Origin origin(const std::string& pointer) const;
  void include(const std::string& pointer);
  void apply(const Override& change);
  /// Keeps the faults that `action` throws; false if there were any.
  template <class Action>
  bool attempt(Action action);

  using Files = std::map<std::string, std::shared_ptr<nlohmann::json>>;

  std::shared_ptr<nlohmann::json> root_;
  std::shared_ptr<Files> files_;           ///< by path
  std::map<std::string, Origin> origins_;  ///< by pointer; holds for everything below it
  std::vector<Diagnostic> faults_;
  std::set<std::string> broken_;
};

}  // namespace mxsim
