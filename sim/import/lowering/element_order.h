#pragma once

#include <functional>
#include <vector>

#include "models/core/shape.h"
#include "sim/import/lowering/tensor_layout.h"

namespace mxsim {

/// Elements of a file's tensor (row-major, `shape` with the batch) in the order in which the trace
/// holds them, and back. `batch`: extent that the layout's batch factor stands for.
std::vector<float> to_trace_order(const std::vector<float>& values, const Shape& shape,
                                  const TensorLayout& layout, std::int64_t batch);
std::vector<float> to_file_order(const std::vector<float>& values, const Shape& shape,
                                 const TensorLayout& layout, std::int64_t batch);

/// A constant of `shape` (of the rank of the layout, ones where it is stretched) in the order of
/// the elements that it meets: one number for each place along the factors it is not stretched
/// over.
std::vector<float> stretched_order(const std::vector<float>& values, const Shape& shape,
                                   const TensorLayout& layout);

/// The elements of a row-major tensor with its axes in another order.
std::vector<float> permuted(const std::vector<float>& values, const Shape& shape,
                            const std::vector<std::size_t>& order);

}  // namespace mxsim
