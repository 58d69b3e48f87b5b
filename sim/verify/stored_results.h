#pragma once

#include <string>
#include <vector>

#include "models/formats/format_spec.h"
#include "sim/import/onnx/onnx_import.h"

namespace mxsim {

/// What numbers may differ by: |got - stored| <= absolute + relative |stored|.
struct Tolerance {
  double relative = 1e-3;  ///< those of ONNX's own tests
  double absolute = 1e-7;
};

/// One output of a model beside the stored one.
struct StoredResult {
  std::string tensor;
  std::int64_t elements = 0;
  std::int64_t outside = 0;  ///< elements beyond the tolerance
  double largest_error = 0;  ///< of any element
  std::string fault;         ///< why there is nothing to compare, else ""
  bool good() const { return fault.empty() && outside == 0; }
};

/// Runs a model's inference on its stored inputs: all operands of GEMMs in `format`, everything
/// else in FP32, GEMMs with FP32 sums. Throws InputError where layers have no values.
std::vector<StoredResult> compare_stored(const StoredModel& model, const FormatSpec& format,
                                         const Tolerance& tolerance);

}  // namespace mxsim
