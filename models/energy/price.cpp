#include "models/energy/price.h"

namespace mxsim {

UncertainPrice& UncertainPrice::times(const std::string& factor, const Price& price) {
  value_ *= price.value;
  if (price.value > 0 && price.low < price.high) {
    factors_.push_back({factor, price.low / price.value, price.high / price.value, price.source});
  }
  return *this;
}

UncertainPrice& UncertainPrice::times(double scale) {
  value_ *= scale;
  return *this;
}

UncertainPrice UncertainPrice::renamed(std::string name) const {
  UncertainPrice copy = *this;
  copy.name_ = std::move(name);
  return copy;
}

UncertainPrice UncertainPrice::with(const std::string& factor, double multiplier) const {
  UncertainPrice copy = *this;
  const auto held = std::erase_if(copy.factors_, [&](const Factor& f) { return f.name == factor; });
  for (std::size_t i = 0; i < held; ++i) copy.value_ *= multiplier;
  return copy;
}

double UncertainPrice::low() const {
  double product = value_;
  for (const Factor& factor : factors_) product *= factor.low;
  return product;
}

double UncertainPrice::high() const {
  double product = value_;
  for (const Factor& factor : factors_) product *= factor.high;
  return product;
}

}  // namespace mxsim
