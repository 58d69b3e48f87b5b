#pragma once

#include <string>
#include <vector>

#include "models/chip/chip_spec.h"
#include "models/formats/format_spec.h"
#include "models/values/given_parameters.h"
#include "models/workload/lowering_policy.h"
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
  double largest = 0;        ///< magnitude of a stored element
  std::string fault;         ///< why there is nothing to compare, else ""
  bool good() const { return fault.empty() && outside == 0; }
};

/// All operands of GEMMs in `format`, everything else in FP32.
LoweringPolicy plain_policy(const FormatSpec& format);

/// Runs a model's inference on its stored inputs, with the formats and the storage of `policy` and
/// the sums of `array`. Throws InputError where layers have no values.
std::vector<StoredResult> compare_stored(const StoredModel& model, LoweringPolicy policy,
                                         const ArraySpec& array, const Tolerance& tolerance);

/// Folders of stored inputs and outputs: `data` itself where it holds input_0.pb or output_0.pb,
/// else its test_data_set_N by N. With `data` "" those beside the model, NAME_data beside NAME.onnx
/// or the model's own folder. Throws InputError when there are none.
std::vector<std::string> stored_folders(const std::string& model, const std::string& data);
/// Whether such a folder holds stored results.
bool has_stored_results(const std::string& data);

}  // namespace mxsim
