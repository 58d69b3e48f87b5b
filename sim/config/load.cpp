#include "sim/config/load.h"

namespace mxsim {

std::vector<std::string> reference_pointers(const std::vector<Field>& fields) {
  std::vector<std::string> pointers;
  for (const Field& field : fields) {
    if (field.kind == FieldKind::kReference) pointers.push_back(field.pointer);
  }
  return pointers;
}

std::vector<Diagnostic> below(const std::string& pointer, std::vector<Diagnostic> faults) {
  for (Diagnostic& fault : faults) fault.pointer = pointer + fault.pointer;
  return faults;
}

}  // namespace mxsim
