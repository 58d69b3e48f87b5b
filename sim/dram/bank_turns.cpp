#include "sim/dram/bank_turns.h"

#include <algorithm>
#include <bit>
#include <optional>

namespace mxsim {
namespace {

int log2_of(std::int64_t power_of_two) {
  return std::countr_zero(static_cast<std::uint64_t>(power_of_two));
}

std::size_t index(std::int64_t i) { return static_cast<std::size_t>(i); }

/// What a bank becomes some bursts later.
struct Image {
  int bank;
  std::int64_t rows;
  bool operator==(const Image&) const = default;
};

/// Bursts of a channel in rows 0 and 1.
class Stream {
 public:
  Stream(const DramOrganisation& organisation, const AddressMap& map, int channel,
         std::int64_t period)
      : organisation_(organisation), period_(period) {
    for (std::int64_t number = 0; number < 2 * period; ++number) {
      places_.push_back(map.decode(map.burst_at(number, channel)));
    }
  }

  /// Bursts `distance` later all bursts of a bank's row are those of another bank's row, and banks
  /// of one group or rank are those of one group or rank.
  bool repeats_after(std::int64_t distance) const {
    std::vector<std::optional<Image>> images(index(organisation_.count(DramLevel::kBank)));
    for (std::int64_t number = 0; number < period_; ++number) {
      std::optional<Image>& image = images[index(places_[index(number)].bank)];
      const Image found = image_of(number, distance);
      if (!image) image = found;
      if (*image != found) return false;
    }
    return keeps_levels(images);
  }
  Image image_of(std::int64_t number, std::int64_t distance) const {
    const DramAddress& then = places_[index(number + distance)];
    return {then.bank, then.row - places_[index(number)].row};
  }
  std::int64_t first_of(int bank) const {
    const auto first = std::find_if(places_.begin(), places_.end(),
                                    [&](const DramAddress& place) { return place.bank == bank; });
    return first - places_.begin();
  }

 private:
  bool keeps_levels(const std::vector<std::optional<Image>>& images) const {
    for (const DramLevel level :
         {DramLevel::kPseudoChannel, DramLevel::kRank, DramLevel::kBankGroup}) {
      const int shift = log2_of(organisation_.banks_under(level));
      for (std::size_t bank = 0; bank < images.size(); ++bank) {
        const std::size_t first = bank >> shift << shift;
        if (images[bank]->bank >> shift != images[first]->bank >> shift) return false;
      }
    }
    return true;
  }

  const DramOrganisation& organisation_;
  std::int64_t period_;
  std::vector<DramAddress> places_;
};

}  // namespace

BankTurns::BankTurns(const DramOrganisation& organisation, const AddressMap& map, int channel,
                     std::int64_t period) {
  const Stream stream(organisation, map, channel, period);
  // A hash of the bank changes the order from row to row.
  if (map.bank_hash_rows() > 1) shift_ = log2_of(period);
  while ((std::int64_t{1} << shift_) < period && !stream.repeats_after(std::int64_t{1} << shift_)) {
    ++shift_;
  }
  const auto banks = static_cast<int>(organisation.count(DramLevel::kBank));
  for (std::int64_t turn = 0; turn < period; turn += std::int64_t{1} << shift_) {
    View& view = views_.emplace_back();
    view.numbers.resize(index(banks));
    view.rows.resize(index(banks));
    for (int bank = 0; bank < banks; ++bank) {
      const Image image = stream.image_of(stream.first_of(bank), turn);
      view.banks.push_back(image.bank);
      view.numbers[index(image.bank)] = bank;
      view.rows[index(image.bank)] = image.rows;
    }
  }
}

}  // namespace mxsim
