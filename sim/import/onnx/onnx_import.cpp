#include "sim/import/onnx/onnx_import.h"

#include "models/core/error.h"

namespace mxsim {

ImportedNetwork import_onnx(const std::string&, const std::string&, const ImportOptions&) {
  throw InputError("ONNX files cannot be read");
}

}  // namespace mxsim
