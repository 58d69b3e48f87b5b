#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace mxsim {

/// A value-change dump: for every signal ("scope.name") its values as text by time. Fails the test
/// on anything IEEE 1364 section 18 does not allow.
class Vcd {
 public:
  explicit Vcd(const std::string& path);

  const std::string& timescale() const { return timescale_; }
  bool has(const std::string& signal) const { return changes_.contains(signal); }
  /// Value at `time`; "" before the first change.
  std::string at(const std::string& signal, std::int64_t time) const;
  double real(const std::string& signal, std::int64_t time) const;
  /// A vector of bits as two's complement of `signed_bits`, or unsigned (0).
  std::int64_t integer(const std::string& signal, std::int64_t time, int signed_bits = 0) const;

 private:
  std::string timescale_;
  std::map<std::string, std::map<std::int64_t, std::string>> changes_;
};

}  // namespace mxsim
