#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sim/config/document.h"
#include "sim/config/field_lister.h"
#include "sim/config/input_file.h"
#include "sim/config/json_reader.h"

namespace mxsim {

/// Pointers of the keys that may name a file, parents first.
std::vector<std::string> reference_pointers(const std::vector<Field>& fields);

/// The faults of an object that stands at `pointer` of another.
std::vector<Diagnostic> below(const std::string& pointer, std::vector<Diagnostic> faults);

/// Fills a T (anything with bind(Binder&, T&)) from a document and, if that went well, asks
/// `std::vector<Diagnostic> validate(const T&)` where there is one (pointers count from T; `file`
/// is filled in here). Throws InputError with every fault of every file it was put together from.
template <class T>
T load_config(Document document, const std::vector<Override>& overrides = {}) {
  static const std::vector<Field> fields = describe_fields<T>();
  static const std::vector<std::string> references = reference_pointers(fields);
  document.assemble(references, overrides);
  T value{};
  JsonReader reader(document, fields);
  bind(reader, value);
  std::vector<Diagnostic> faults = reader.finish();
  if constexpr (requires { validate(std::as_const(value)); }) {
    if (faults.empty()) {
      for (Diagnostic& found : validate(std::as_const(value))) {
        faults.push_back(document.locate(found.pointer, std::move(found.message)));
      }
    }
  }
  if (!faults.empty()) throw InputError(std::move(faults));
  if constexpr (requires { value.source = std::shared_ptr<const Document>(); }) {
    value.source = std::make_shared<const Document>(std::move(document));
  }
  return value;
}

/// The same for a file the user names (input_file.h).
template <class T>
T load_config(const std::string& path, const std::vector<Override>& overrides = {}) {
  return load_config<T>(Document::load(find_input_file(path)), overrides);
}

}  // namespace mxsim
