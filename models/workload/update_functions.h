#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <limits>

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

/// Where the factor of the gradients is no number the update is skipped: parameters and states
/// stay.
inline bool skips_update(auto factor) { return !(factor == factor); }

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
      const T updated = skips_update(factor) ? data.reads[1].data[i]
                                             : Rule{}(data.reads[0].data[i] * factor,
                                                      data.reads[1].data[i], state, rates);
      data.writes[0].data[i] = updated;
      for (std::size_t s = 0; s < states; ++s) data.writes[1 + s].data[i] = state[s];
      if (data.writes.size() > 1 + states) data.writes[1 + states].data[i] = updated;
    }
  }
};

/// What a look at a gradient adds up: squares, or (`constants[0]` 1) numbers that are not finite.
struct LookKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const bool counts = data.parameters.constants[0] == 1;
    for (std::int64_t i = begin * data.grid.cols; i < end * data.grid.cols; ++i) {
      const T g = data.reads[0].data[i];
      data.sums[0].data[0] += counts ? T(std::isfinite(g) ? 0 : 1) : g * g;
    }
  }
};

/// The factor of all gradients from the looks at them, NaN where one is not finite. `constants`: 1
/// for clipping, the limit of the norm, the loss scale.
struct FactorKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t, std::int64_t) {
    const bool clips = data.parameters.constants[0] == 1;
    const T limit = T(data.parameters.constants[1]);
    const T scale = T(data.parameters.constants[2]);
    T sum = 0;
    for (const auto& look : data.broadcasts) sum += look.data[0];
    T factor = 1 / scale;
    if (clips) {
      const T norm = std::sqrt(sum) / scale;
      if (norm > limit) factor *= limit / norm;
    }
    const bool good = std::isfinite(sum) && (clips || sum == 0);
    data.writes[0].data[0] = good ? factor : std::numeric_limits<T>::quiet_NaN();
  }
};

/// Sums of g g + e over the rows and the columns of a gradient.
struct AdafactorSumsKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const T epsilon = T(data.settings.epsilon);
    for (std::int64_t row = begin; row < end; ++row) {
      const T* const g = data.reads[0].row(row);
      for (std::int64_t i = 0; i < data.grid.cols; ++i) {
        const T square = g[i] * g[i] + epsilon;
        data.sums[0].data[row] += square;
        data.sums[1].data[i] += square;
      }
    }
  }
};

/// Running means from sums of `constants[0]` numbers each.
struct AdafactorMeansKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const T decay = T(data.settings.second_momentum);
    const T share = 1 / T(data.parameters.constants[0]);
    for (std::int64_t i = begin * data.grid.cols; i < end * data.grid.cols; ++i) {
      const T mean =
          decay * data.broadcasts[1].data[i] + (1 - decay) * (data.broadcasts[0].data[i] * share);
      data.writes[0].data[i] = mean;
      data.writes[1].data[i] = mean;
    }
  }
};

/// w = (1 - l d) w - l g / sqrt(r_i c_j / mean(r))
struct AdafactorKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const UpdateRates<T> rates(data.settings);
    const auto& rows = data.broadcasts[0];
    const T* const columns = data.broadcasts[1].data;
    T mean = 0;
    for (std::int64_t row = 0; row < rows.rows; ++row) mean += rows.data[row];
    mean /= T(rows.rows);
    for (std::int64_t row = begin; row < end; ++row) {
      for (std::int64_t i = 0; i < data.grid.cols; ++i) {
        const T second = rows.data[row] * columns[i] / mean;
        const T w = rates.kept * data.reads[1].row(row)[i] -
                    rates.rate * data.reads[0].row(row)[i] / std::sqrt(second);
        for (const StepMatrix<T>& to : data.writes) to.row(row)[i] = w;
      }
    }
  }
};

template <class Rule>
StepFunction updated(Rule) {
  return step_function<UpdateKernel<Rule>>();
}

}  // namespace mxsim
