#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/core/error.h"
#include "models/workload/graph.h"

namespace mxsim {

/// Whether an attribute is one integer, a [height, width] pair (one integer then means both), the
/// padding of an image (one integer, a pair, or [top, left, bottom, right]), or a list.
enum class AttributeForm : std::uint8_t { kScalar, kPair, kSides, kList };

/// One attribute that a layer kind understands.
struct AttributeSpec {
  std::string_view name;
  AttributeForm form = AttributeForm::kScalar;
  std::optional<std::int64_t> standard;  ///< value when absent; none: the trace must give it
  std::int64_t low = 0;
  std::int64_t high = 0;
  std::string_view meaning;
};

/// Height and width of something.
struct Extent2d {
  std::int64_t h = 1;
  std::int64_t w = 1;
};

/// Positions beside each edge of an image.
struct Sides {
  std::int64_t top = 0;
  std::int64_t left = 0;
  std::int64_t bottom = 0;
  std::int64_t right = 0;
};

/// Attributes of one layer with every default filled in and every value in range.
class Attributes {
 public:
  std::int64_t scalar(std::string_view name) const;
  Extent2d pair(std::string_view name) const;
  Sides sides(std::string_view name) const;
  const std::vector<std::int64_t>& list(std::string_view name) const;

  /// Checks `raw` against `specs`. Faults are appended with pointers below `pointer`; a faulty
  /// attribute keeps its default (or its lower limit).
  static Attributes read(const RawAttributes& raw, std::span<const AttributeSpec> specs,
                         const std::string& pointer, std::vector<Diagnostic>& faults);

 private:
  std::map<std::string, std::vector<std::int64_t>, std::less<>> values_;
};

}  // namespace mxsim
