#include "models/dram/address_hash.h"

#include <algorithm>
#include <bit>
#include <optional>
#include <string>

namespace mxsim {
namespace {

int log2_of(std::int64_t power_of_two) {
  return std::countr_zero(static_cast<std::uint64_t>(power_of_two));
}

std::string text(AddressBit bit) {
  return std::string(to_string(bit.field)) + ":" + std::to_string(bit.bit);
}

/// Place of a field's bit in the burst number.
std::optional<int> place(const std::vector<AddressSlice>& map, AddressBit bit) {
  int shift = 0;
  int field_shift = 0;
  for (auto slice = map.rbegin(); slice != map.rend(); shift += slice->bits, ++slice) {
    if (slice->field != bit.field) continue;
    if (bit.bit >= field_shift && bit.bit < field_shift + slice->bits) {
      return shift + bit.bit - field_shift;
    }
    field_shift += slice->bits;
  }
  return std::nullopt;
}

class HashChecker {
 public:
  explicit HashChecker(const DramDevice& device) : device_(device) {}

  std::vector<Diagnostic> run() {
    const DramOrganisation& o = device_.organisation;
    check("/channel_hash", device_.channel_hash, log2_of(o.channels));
    check("/bank_hash", device_.bank_hash, log2_of(o.count(DramLevel::kBank)));
    const std::optional<int> channel = place(device_.address_map, {AddressField::kChannel, 0});
    check_bits("/channel_hash", device_.channel_hash, [&](AddressBit bit) -> std::string {
      if (place(device_.address_map, bit) >= channel && bit.field != AddressField::kChannel)
        return "";
      return " does not lie above the channel field";
    });
    check_bits("/bank_hash", device_.bank_hash, [](AddressBit bit) -> std::string {
      return bit.field == AddressField::kRow ? "" : " is no bit of the row";
    });
    return std::move(faults_);
  }

 private:
  void fault(std::string pointer, std::string message) {
    faults_.push_back({"", std::move(pointer), std::move(message)});
  }

  void check(const std::string& pointer, const AddressHash& hash, int bits) {
    if (std::ssize(hash) > bits) {
      fault(pointer, "got " + std::to_string(hash.size()) + " entries, the number has " +
                         std::to_string(bits) + " bits");
    }
  }

  /// `objection` is empty for a bit that may be folded.
  template <class Objection>
  void check_bits(const std::string& pointer, const AddressHash& hash, Objection objection) {
    for (std::size_t i = 0; i < hash.size(); ++i) {
      const std::string here = pointer + "/" + std::to_string(i);
      for (const AddressBit bit : hash[i]) {
        if (!place(device_.address_map, bit)) {
          fault(here, text(bit) + " is no bit of the address map");
        } else if (const std::string no = objection(bit); !no.empty()) {
          fault(here, text(bit) + no);
        }
        if (std::count(hash[i].begin(), hash[i].end(), bit) > 1) {
          fault(here, text(bit) + " stands twice");
          break;
        }
      }
    }
  }

  const DramDevice& device_;
  std::vector<Diagnostic> faults_;
};

}  // namespace

std::vector<Diagnostic> hash_faults(const DramDevice& device) { return HashChecker(device).run(); }

AddressHash low_bits(AddressHash hash, int bits) {
  hash.resize(std::min(hash.size(), static_cast<std::size_t>(bits)));
  return hash;
}

}  // namespace mxsim
