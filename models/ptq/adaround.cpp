#include "models/ptq/adaround.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "models/ptq/band_rounder.h"

namespace mxsim {
namespace {

constexpr double kStretch = 1.2;
constexpr double kShift = -0.1;

double sigmoid(double value) { return 1 / (1 + std::exp(-value)); }

/// The variable whose rectified sigmoid is `share`, kept off the flat ends.
double variable_of(double share) {
  constexpr double kEnd = 1e-3;
  const double p = (std::clamp(share, kEnd, 1 - kEnd) - kShift) / kStretch;
  return std::log(p / (1 - p));
}

/// Exponent of the regulariser at a share of the steps; 0: it does not act yet.
double exponent_at(double share) {
  constexpr double kWarm = 0.2;
  constexpr double kFirst = 20;
  constexpr double kLast = 2;
  if (share < kWarm) return 0;
  const double angle = std::numbers::pi * (share - kWarm) / (1 - kWarm);
  return kLast + (kFirst - kLast) * (1 + std::cos(angle)) / 2;
}

class AdaRound {
 public:
  AdaRound(const PtqLayer& layer, const AdaRoundSettings& settings, Workers& workers)
      : layer_(layer), settings_(settings), workers_(workers) {
    const std::int64_t rows = layer.weights.rows();
    const std::int64_t cols = layer.weights.cols();
    near_.resize(rows, cols);
    span_.resize(rows, cols);
    nearest_.resize(rows, cols);
    variables_.resize(rows, cols);
    mean_ = RowMatrix::Zero(rows, cols);
    square_ = RowMatrix::Zero(rows, cols);
    BandRounder rounder(layer.layout, rows, cols);
    for (std::int64_t row = 0; row < rows; ++row) {
      if (row % rounder.band_rows() == 0) rounder.begin(row, layer.weights);
      for (std::int64_t col = 0; col < cols; ++col) set(row, col, rounder);
    }
  }

  RowMatrix run() {
    const double error = output_error(layer_, nearest_, workers_).noise;
    if (error <= 0) return nearest_;
    scale_ = static_cast<double>(layer_.weights.size()) / error;
    wanted_ = products(&InputSums::mixed, layer_.weights);
    for (std::int64_t step = 0; step < settings_.iterations; ++step) {
      descend(step, products(&InputSums::narrow, chosen(false)));
    }
    RowMatrix learned = chosen(true);
    return output_error(layer_, learned, workers_).noise <= error ? learned : nearest_;
  }

 private:
  void set(std::int64_t row, std::int64_t col, const BandRounder& rounder) {
    const double weight = layer_.weights(row, col);
    const auto [near, far] = rounder.neighbours(row, col, weight);
    near_(row, col) = near;
    span_(row, col) = far - near;
    nearest_(row, col) = rounder.round(row, col, weight);
    variables_(row, col) = variable_of(far == near ? 0 : (weight - near) / (far - near));
  }

  static double share(double variable) {
    return std::clamp(kStretch * sigmoid(variable) + kShift, 0.0, 1.0);
  }

  /// Weights between their neighbours, or, `hard`, at one of them.
  RowMatrix chosen(bool hard) const {
    RowMatrix weights(near_.rows(), near_.cols());
    for_row_pieces(weights.rows(), workers_, [&](std::int64_t begin, std::int64_t count) {
      for (std::int64_t row = begin; row < begin + count; ++row) {
        for (std::int64_t col = 0; col < weights.cols(); ++col) {
          const double h = share(variables_(row, col));
          if (hard) {
            weights(row, col) = near_(row, col) + (h >= 0.5 ? span_(row, col) : 0);
          } else {
            weights(row, col) = near_(row, col) + h * span_(row, col);
          }
        }
      }
    });
    return weights;
  }

  /// Sums of a group times its columns of `weights`.
  RowMatrix products(RowMatrix InputSums::*sums, const RowMatrix& weights) const {
    RowMatrix result(weights.rows(), weights.cols());
    const std::int64_t cols = layer_.group_cols();
    for (std::size_t g = 0; g < layer_.groups.size(); ++g) {
      const std::int64_t first = static_cast<std::int64_t>(g) * cols;
      result.middleCols(first, cols) =
          product(layer_.groups[g].*sums, weights.middleCols(first, cols), workers_);
    }
    return result;
  }

  /// One step of Adam; `found` is Y^T Y of the weights as they are chosen.
  void descend(std::int64_t step, const RowMatrix& found) {
    constexpr double kMean = 0.9;
    constexpr double kSquare = 0.999;
    constexpr double kEpsilon = 1e-8;
    const auto count = static_cast<double>(step + 1);
    const double mean_part = 1 - std::pow(kMean, count);
    const double square_part = 1 - std::pow(kSquare, count);
    const double exponent = exponent_at((count - 1) / static_cast<double>(settings_.iterations));
    for_row_pieces(near_.rows(), workers_, [&](std::int64_t begin, std::int64_t rows) {
      const std::int64_t cols = near_.cols();
      for (std::int64_t i = begin * cols; i < (begin + rows) * cols; ++i) {
        const double gradient = gradient_at(i, found.data()[i], exponent);
        double& mean = mean_.data()[i];
        double& square = square_.data()[i];
        mean = kMean * mean + (1 - kMean) * gradient;
        square = kSquare * square + (1 - kSquare) * gradient * gradient;
        variables_.data()[i] -= settings_.learning_rate * (mean / mean_part) /
                                (std::sqrt(square / square_part) + kEpsilon);
      }
    });
  }

  /// Derivative by variable i.
  double gradient_at(std::int64_t i, double found, double exponent) const {
    const double s = sigmoid(variables_.data()[i]);
    const double h = kStretch * s + kShift;
    if (h <= 0 || h >= 1) return 0;
    double slope = 2 * scale_ * (found - wanted_.data()[i]) * span_.data()[i];
    if (exponent > 0) {
      const double side = 2 * h - 1;
      slope -= settings_.regularisation * 2 * exponent *
               std::copysign(std::pow(std::abs(side), exponent - 1), side);
    }
    return slope * kStretch * s * (1 - s);
  }

  const PtqLayer& layer_;
  AdaRoundSettings settings_;
  Workers& workers_;
  RowMatrix near_;
  RowMatrix span_;  ///< to the neighbour that is farther from zero
  RowMatrix nearest_;
  RowMatrix wanted_;  ///< Y^T X W
  RowMatrix variables_;
  RowMatrix mean_;    ///< of Adam
  RowMatrix square_;  ///< of Adam
  double scale_ = 1;  ///< of the squared error: elements over the error of rounding to nearest
};

}  // namespace

RowMatrix adaround(const PtqLayer& layer, const AdaRoundSettings& settings, Workers& workers) {
  return AdaRound(layer, settings, workers).run();
}

}  // namespace mxsim
