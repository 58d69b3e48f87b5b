#pragma once

#include <string>
#include <vector>

#include "models/core/error.h"
#include "sim/import/lowering/imported_network.h"
#include "sim/import/onnx/onnx_headers.h"

namespace mxsim {

/// Fills in the extents of a network's inputs: as the file states them, `--shape`, `--dim`, and 1
/// for a batch (the first axis) that is left open, which `notes` tells.
class OpenSizes {
 public:
  OpenSizes(const ImportOptions& options, std::vector<std::string>& notes)
      : options_(options), notes_(notes) {}

  /// The whole type of an input; faults are kept.
  onnx::TypeProto close(const onnx::ValueInfoProto& input);
  /// Throws InputError: open sizes, negative ones, options that name nothing, all at once.
  void finish();

 private:
  void close_axis(const std::string& input, int axis, onnx::TensorShapeProto::Dimension& dim);
  void apply_shape(const std::string& input, const Shape& given, onnx::TensorShapeProto& shape);

  const ImportOptions& options_;
  std::vector<std::string>& notes_;
  std::vector<std::string> inputs_;
  std::vector<std::string> symbols_;
  std::vector<Diagnostic> faults_;
};

}  // namespace mxsim
