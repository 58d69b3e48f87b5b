#include "models/memory/column_read.h"

#include <algorithm>
#include <vector>

#include "models/core/units.h"

namespace mxsim {

std::int64_t ColumnRead::cycles(std::int64_t elements) const {
  std::vector<std::int64_t> words(static_cast<std::size_t>(banks), 0);
  for (std::int64_t i = 0; i < elements; ++i) {
    ++words[static_cast<std::size_t>(i * pitch_bits / word_bits % banks)];
  }
  return ceil_div(*std::max_element(words.begin(), words.end()), ports);
}

}  // namespace mxsim
