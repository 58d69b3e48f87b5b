#include "sim/train/epoch_statistics.h"

#include <cmath>
#include <limits>

namespace mxsim {
namespace {

class NumberReader {
 public:
  explicit NumberReader(std::span<const double> numbers) : numbers_(numbers) {}

  double real() {
    if (next_ >= numbers_.size()) {
      good_ = false;
      return 0;
    }
    return numbers_[next_++];
  }
  std::int64_t whole() {
    constexpr double kPast = 9e18;
    const double number = real();
    if (number == std::floor(number) && std::abs(number) < kPast) {
      return static_cast<std::int64_t>(number);
    }
    good_ = false;
    return 0;
  }
  bool good() const { return good_; }
  bool at_end() const { return next_ == numbers_.size(); }

 private:
  std::span<const double> numbers_;
  std::size_t next_ = 0;
  bool good_ = true;
};

std::map<int, std::int64_t> read_bins(NumberReader& reader) {
  std::map<int, std::int64_t> bins;
  for (std::int64_t left = reader.whole(); left > 0 && reader.good(); --left) {
    const auto exponent = static_cast<int>(reader.whole());
    bins[exponent] = reader.whole();
  }
  return bins;
}

OperandStatistics read_row(NumberReader& reader, const OperandStatistics& head) {
  OperandStatistics row = head;
  QuantizationStatistics& casts = row.casts;
  for (std::int64_t* const count :
       {&casts.elements, &casts.not_finite, &casts.saturated, &casts.underflowed, &casts.zeros}) {
    *count = reader.whole();
  }
  const double sqnr = reader.real();
  casts.sqnr_db = std::isnan(sqnr) ? std::nullopt : std::optional(sqnr);
  for (auto& [mode, count] : casts.modes) count = reader.whole();
  casts.binades = read_bins(reader);
  row.magnitudes = read_bins(reader);
  return row;
}

void add_bins(const std::map<int, std::int64_t>& bins, std::vector<double>& numbers) {
  numbers.push_back(static_cast<double>(bins.size()));
  for (const auto& [exponent, count] : bins) {
    numbers.push_back(exponent);
    numbers.push_back(static_cast<double>(count));
  }
}

}  // namespace

std::vector<double> statistics_numbers(const std::vector<EpochStatistics>& epochs) {
  std::vector<double> numbers;
  for (const EpochStatistics& rows : epochs) {
    for (const OperandStatistics& row : rows) {
      const QuantizationStatistics& casts = row.casts;
      for (const std::int64_t count :
           {casts.elements, casts.not_finite, casts.saturated, casts.underflowed, casts.zeros}) {
        numbers.push_back(static_cast<double>(count));
      }
      numbers.push_back(casts.sqnr_db.value_or(std::numeric_limits<double>::quiet_NaN()));
      for (const auto& [mode, count] : casts.modes) numbers.push_back(static_cast<double>(count));
      add_bins(casts.binades, numbers);
      add_bins(row.magnitudes, numbers);
    }
  }
  return numbers;
}

std::vector<EpochStatistics> read_statistics(std::span<const double> numbers, std::size_t epochs,
                                             const EpochStatistics& rows) {
  NumberReader reader(numbers);
  std::vector<EpochStatistics> read(epochs);
  for (EpochStatistics& epoch : read) {
    for (const OperandStatistics& row : rows) epoch.push_back(read_row(reader, row));
  }
  if (!reader.good() || !reader.at_end()) return {};
  return read;
}

}  // namespace mxsim
