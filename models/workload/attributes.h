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

/// Whether an attribute is one integer or a [height, width] pair (one integer then means both).
enum class AttributeForm : std::uint8_t { kScalar, kPair };

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

/// Attributes of one layer with every default filled in and every value in range.
class Attributes {
 public:
  std::int64_t scalar(std::string_view name) const;
  Extent2d pair(std::string_view name) const;

  /// Checks `raw` against `specs`. Faults are appended with pointers below `pointer`; a faulty
  /// attribute keeps its default (or its lower limit).
  static Attributes read(const RawAttributes& raw, std::span<const AttributeSpec> specs,
                         const std::string& pointer, std::vector<Diagnostic>& faults);

 private:
  std::map<std::string, std::vector<std::int64_t>, std::less<>> values_;
};

}  // namespace mxsim
