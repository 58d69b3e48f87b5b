#include "tests/support/vcd.h"

#include <gtest/gtest.h>

#include <fstream>
#include <vector>

namespace mxsim {
namespace {

/// Words up to $end.
std::vector<std::string> section(std::istream& in) {
  std::vector<std::string> words;
  for (std::string word; in >> word && word != "$end";) words.push_back(word);
  return words;
}

std::string joined(const std::vector<std::string>& scopes) {
  std::string text;
  for (const std::string& scope : scopes) text += scope + ".";
  return text;
}

/// The reference of a variable without its range "[31:0]".
std::string reference(const std::vector<std::string>& words) { return words.at(3); }

}  // namespace

Vcd::Vcd(const std::string& path) {
  std::ifstream in(path);
  EXPECT_TRUE(in.good()) << path;
  std::vector<std::string> scopes;
  std::map<std::string, std::string> names;
  std::int64_t time = 0;
  for (std::string word; in >> word;) {
    if (word == "$scope") {
      scopes.push_back(section(in).at(1));
    } else if (word == "$upscope") {
      section(in);
      scopes.pop_back();
    } else if (word == "$var") {
      const std::vector<std::string> words = section(in);
      names[words.at(2)] = joined(scopes) + reference(words);
    } else if (word == "$timescale") {
      for (const std::string& part : section(in)) timescale_ += part;
    } else if (word == "$dumpvars" || word == "$end") {
      continue;
    } else if (word[0] == '$') {
      section(in);
    } else if (word[0] == '#') {
      time = std::stoll(word.substr(1));
    } else if (word[0] == 'b' || word[0] == 'r') {
      std::string id;
      in >> id;
      EXPECT_TRUE(names.contains(id)) << id;
      changes_[names[id]][time] = word.substr(1);
    } else {
      EXPECT_TRUE(names.contains(word.substr(1))) << word;
      changes_[names[word.substr(1)]][time] = word.substr(0, 1);
    }
  }
  EXPECT_TRUE(scopes.empty());
}

std::string Vcd::at(const std::string& signal, std::int64_t time) const {
  const auto& changes = changes_.at(signal);
  const auto after = changes.upper_bound(time);
  return after == changes.begin() ? "" : std::prev(after)->second;
}

double Vcd::real(const std::string& signal, std::int64_t time) const {
  return std::stod(at(signal, time));
}

std::int64_t Vcd::integer(const std::string& signal, std::int64_t time, int signed_bits) const {
  const std::string bits = at(signal, time);
  const auto value = static_cast<std::int64_t>(std::stoull(bits, nullptr, 2));
  const bool negative =
      signed_bits > 0 && static_cast<int>(bits.size()) == signed_bits && bits[0] == '1';
  return negative ? value - (std::int64_t{1} << signed_bits) : value;
}

}  // namespace mxsim
