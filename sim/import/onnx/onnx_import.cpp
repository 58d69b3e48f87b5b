#include "sim/import/onnx/onnx_import.h"

#include "sim/import/lowering/lowerings.h"
#include "sim/import/lowering/network_lowering.h"
#include "sim/import/lowering/patterns.h"
#include "sim/import/lowering/quantizers.h"
#include "sim/import/onnx/model_file.h"
#include "sim/import/onnx/network_import.h"
#include "sim/import/onnx/network_reader.h"

namespace mxsim {

ImportedNetwork import_onnx(const std::string& path, const std::string& name,
                            const ImportOptions& options) {
  return import_model(read_model_file(path), name, options);
}

ImportedNetwork import_model(const onnx::ModelProto& model, const std::string& name,
                             const ImportOptions& options) {
  std::vector<std::string> notes;
  const KnownOperator is_known = [](const NetNode& node) { return find_lowering(node) != nullptr; };
  TensorNetwork network = read_network(model, options, is_known, notes);
  network.name = name;
  recognise_patterns(network);
  propagate_formats(network);
  ImportedNetwork imported = lower_network(network, notes);
  imported.notes = std::move(notes);
  return imported;
}

}  // namespace mxsim
