#pragma once

#include <array>
#include <cmath>
#include <cstddef>

#include "models/workload/step_function.h"

namespace mxsim {

/// Numbers of a step in T, with the factors that depend on the step alone.
template <class T>
struct UpdateRates {
  T rate;
  T momentum;  ///< u; a of Adam and Lion
  T second;    ///< b
  T decay;
  T epsilon;
  T adam_rate;     ///< l' of Adam: the learning rate with both bias corrections
  T adam_epsilon;  ///< e with the second moment's bias correction
  T kept;          ///< 1 - l d

  explicit UpdateRates(const StepSettings& s)
      : rate(T(s.learning_rate)),
        momentum(T(s.momentum)),
        second(T(s.second_momentum)),
        decay(T(s.weight_decay)),
        epsilon(T(s.epsilon)),
        kept(T(1 - s.learning_rate * s.weight_decay)) {
    const double first_bias = 1 - std::pow(s.momentum, static_cast<double>(s.step));
    const double root = std::sqrt(1 - std::pow(s.second_momentum, static_cast<double>(s.step)));
    adam_rate = T(s.learning_rate * root / first_bias);
    adam_epsilon = T(s.epsilon * root);
  }
};

/// The states of one parameter element, in the order of the optimizer's row.
template <class T>
using UpdateStates = std::array<T, 2>;

/// Updates parameters by Rule, a lambda (g, w, states, rates) that changes the states and returns
/// the new w. Reads gradient, parameter and states; writes parameter, states and, where the
/// parameter has operand copies, the value that they are cast from.
template <class Rule>
struct UpdateKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const UpdateRates<T> rates(data.settings);
    const std::size_t states = data.reads.size() - 2;
    const T factor = data.broadcasts.empty() ? T(1) : data.broadcasts[0].data[0];
    const std::int64_t past = end * data.grid.cols;
    for (std::int64_t i = begin * data.grid.cols; i < past; ++i) {
      UpdateStates<T> state{};
      for (std::size_t s = 0; s < states; ++s) state[s] = data.reads[2 + s].data[i];
      const T updated = Rule{}(data.reads[0].data[i] * factor, data.reads[1].data[i], state, rates);
      data.writes[0].data[i] = updated;
      for (std::size_t s = 0; s < states; ++s) data.writes[1 + s].data[i] = state[s];
      if (data.writes.size() > 1 + states) data.writes[1 + states].data[i] = updated;
    }
  }
};

template <class Rule>
StepFunction updated(Rule) {
  return step_function<UpdateKernel<Rule>>();
}

}  // namespace mxsim
