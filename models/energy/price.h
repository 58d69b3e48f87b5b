#pragma once

#include <string>
#include <vector>

namespace mxsim {

/// One number of a technology file. `low` and `high` bound what it may really be; equal to `value`
/// where nothing is uncertain. No value is negative.
struct Price {
  double value = 0;
  double low = 0;
  double high = 0;
  std::string unit;
  std::string source;

  /// What the source does not say was assumed by us.
  bool is_assumed() const { return source.find("assumed") != std::string::npos; }
};

/// A named multiplier around 1 that is uncertain between `low` and `high`. Everything priced with a
/// factor of one name moves together.
struct Factor {
  std::string name;
  double low = 1;
  double high = 1;
  std::string source;

  bool operator==(const Factor&) const = default;
};

/// A product of prices: a value with the factors its uncertainty comes from.
class UncertainPrice {
 public:
  UncertainPrice() = default;
  UncertainPrice(std::string name, double scale) : name_(std::move(name)), value_(scale) {}

  /// Multiplies by a price known as `factor`; a price without band adds no factor.
  UncertainPrice& times(const std::string& factor, const Price& price);
  UncertainPrice& times(double scale);
  UncertainPrice renamed(std::string name) const;
  /// Certain about `factor`: it is `multiplier`.
  UncertainPrice with(const std::string& factor, double multiplier) const;

  const std::string& name() const { return name_; }
  double value() const { return value_; }
  double low() const;   ///< every factor at its low end
  double high() const;  ///< every factor at its high end
  const std::vector<Factor>& factors() const { return factors_; }
  bool operator==(const UncertainPrice&) const = default;

 private:
  std::string name_;
  double value_ = 0;
  std::vector<Factor> factors_;
};

}  // namespace mxsim
