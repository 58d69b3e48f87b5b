#include "models/workload/kinds/softmax_step.h"

namespace mxsim {

Step softmax_forward(ValueId from, ValueId to, SoftmaxForm form, const StepBuilder& steps) {
  Step step;
  step.kind = StepKind::kWindowed;
  step.op = "softmax";
  step.grid = steps.value(from).view;
  step.ops = {{Event::kVectorCompare, form.masked ? 2 : 1},
              {Event::kVectorAdd, 2},
              {Event::kVectorExp, 1},
              {Event::kVectorMul, form.scaled ? 2 : 1},
              {Event::kVectorDivide, 0, 1}};
  step.reads = {from};
  step.writes = {to};
  return step;
}

Step softmax_backward(ValueId result, ValueId above, ValueId gradient, SoftmaxForm form,
                      const StepBuilder& steps) {
  Step step;
  step.pass = Pass::kBackwardData;
  step.kind = StepKind::kWindowed;
  step.op = "softmax";
  step.grid = steps.value(result).view;
  step.ops = {{Event::kVectorMul, form.scaled ? 3 : 2}, {Event::kVectorAdd, 2}};
  step.reads = {above, result};
  step.writes = {gradient};
  return step;
}

}  // namespace mxsim
