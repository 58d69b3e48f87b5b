#include "models/mapping/tiles/vector_axes.h"

namespace mxsim {
namespace {

VectorAxis axis(bool along_rows) {
  return along_rows ? VectorAxis::kAlongRows : VectorAxis::kAcrossRows;
}

}  // namespace

VectorAxes vector_axes(Dataflow dataflow, const GemmWork& work) {
  // A stored row runs along the reduction, but for the left operand of a weight gradient and a
  // right operand as stored: there it runs along the result.
  const bool window = work.kind == GemmKind::kWindow;
  const bool left_row_is_reduction = window;
  const bool right_row_is_reduction = window && work.b_orientation == Orientation::kTransposed;
  const bool left_spans_reduction = dataflow == Dataflow::kWeightStationary;
  const bool right_spans_reduction = dataflow == Dataflow::kInputStationary;
  return {axis(left_row_is_reduction == left_spans_reduction),
          axis(right_row_is_reduction == right_spans_reduction)};
}

}  // namespace mxsim
