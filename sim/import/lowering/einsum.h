#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/core/shape.h"

namespace mxsim {

/// The terms of an Einsum equation ("bhid,bhjd->bhij"), a letter an axis.
struct EinsumTerms {
  std::vector<std::string> operands;
  std::string result;
};

/// Nothing for other numbers of operands, an ellipsis, or a letter that stands twice in a term. An
/// equation without a result has every letter that stands once, in order of the alphabet.
std::optional<EinsumTerms> einsum_terms(const std::string& equation, std::size_t operands);

/// The shape of the result; nothing where extents disagree.
std::optional<Shape> einsum_shape(const EinsumTerms& terms, const std::vector<Shape>& operands);

/// Letters of a product of two operands by what becomes of them.
struct EinsumLetters {
  std::string heads;    ///< in both operands and the result
  std::string rows;     ///< of the left operand
  std::string columns;  ///< of the right operand
  std::string sums;     ///< in both operands, not in the result
};
EinsumLetters einsum_letters(const EinsumTerms& terms);

}  // namespace mxsim
