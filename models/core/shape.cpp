#include "models/core/shape.h"

#include "models/core/error.h"

namespace mxsim {

std::optional<std::int64_t> checked_mul(std::int64_t a, std::int64_t b) {
  std::int64_t product = 0;
  if (__builtin_mul_overflow(a, b, &product)) return std::nullopt;
  return product;
}

std::int64_t exact_mul(std::int64_t a, std::int64_t b) {
  const auto product = checked_mul(a, b);
  ensure(product.has_value(), "product leaves 64 bits");
  return *product;
}

std::optional<std::int64_t> checked_elements(const Shape& shape) {
  std::optional<std::int64_t> product = 1;
  for (const std::int64_t extent : shape) {
    product = checked_mul(*product, extent);
    if (!product) return std::nullopt;
  }
  return product;
}

std::int64_t elements(const Shape& shape) {
  const auto product = checked_elements(shape);
  ensure(product.has_value(), "tensor size leaves 64 bits");
  return *product;
}

std::string to_string(const Shape& shape) {
  std::string text;
  for (const std::int64_t extent : shape) {
    text += (text.empty() ? "" : "x") + std::to_string(extent);
  }
  return text.empty() ? "scalar" : text;
}

}  // namespace mxsim
