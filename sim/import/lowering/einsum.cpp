#include "sim/import/lowering/einsum.h"

#include <algorithm>
#include <cctype>
#include <map>

namespace mxsim {
namespace {

bool has(const std::string& term, char letter) { return term.find(letter) != std::string::npos; }

bool each_once(const std::string& term) {
  for (const char c : term) {
    if (std::isalpha(static_cast<unsigned char>(c)) == 0) return false;
    if (std::count(term.begin(), term.end(), c) != 1) return false;
  }
  return true;
}

std::string implied_result(const std::vector<std::string>& operands) {
  std::map<char, int> counts;
  for (const std::string& term : operands) {
    for (const char c : term) ++counts[c];
  }
  std::string result;
  for (const auto& [letter, count] : counts) {
    if (count == 1) result += letter;
  }
  return result;
}

}  // namespace

std::optional<EinsumTerms> einsum_terms(const std::string& equation, std::size_t operands) {
  std::string text;
  std::copy_if(equation.begin(), equation.end(), std::back_inserter(text),
               [](char c) { return c != ' '; });
  const std::size_t arrow = text.find("->");
  EinsumTerms terms;
  std::string left = text.substr(0, arrow);
  for (std::size_t comma = left.find(','); comma != std::string::npos; comma = left.find(',')) {
    terms.operands.push_back(left.substr(0, comma));
    left.erase(0, comma + 1);
  }
  terms.operands.push_back(left);
  terms.result =
      arrow == std::string::npos ? implied_result(terms.operands) : text.substr(arrow + 2);
  const bool good = terms.operands.size() == operands && each_once(terms.result) &&
                    std::all_of(terms.operands.begin(), terms.operands.end(), each_once);
  if (!good) return std::nullopt;
  return terms;
}

std::optional<Shape> einsum_shape(const EinsumTerms& terms, const std::vector<Shape>& operands) {
  std::map<char, std::int64_t> extents;
  for (std::size_t i = 0; i < terms.operands.size(); ++i) {
    if (terms.operands[i].size() != operands[i].size()) return std::nullopt;
    for (std::size_t axis = 0; axis < operands[i].size(); ++axis) {
      const auto [known, fresh] = extents.emplace(terms.operands[i][axis], operands[i][axis]);
      if (!fresh && known->second != operands[i][axis]) return std::nullopt;
    }
  }
  Shape shape;
  for (const char c : terms.result) {
    if (!extents.contains(c)) return std::nullopt;
    shape.push_back(extents[c]);
  }
  return shape;
}

EinsumLetters einsum_letters(const EinsumTerms& terms) {
  EinsumLetters letters;
  const std::string& a = terms.operands.at(0);
  const std::string& b = terms.operands.at(1);
  for (const char c : a) {
    if (has(b, c)) {
      (has(terms.result, c) ? letters.heads : letters.sums) += c;
    } else {
      letters.rows += c;
    }
  }
  for (const char c : b) {
    if (!has(a, c)) letters.columns += c;
  }
  return letters;
}

}  // namespace mxsim
