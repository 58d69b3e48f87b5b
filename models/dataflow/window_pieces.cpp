#include "models/dataflow/window_pieces.h"

#include <algorithm>
#include <compare>
#include <limits>
#include <utility>

#include "models/core/units.h"

namespace mxsim {
namespace {

constexpr std::int64_t kNone = std::numeric_limits<std::int64_t>::min();

/// Calls visit(k, left row or kNone) for the positions of one tap.
template <class Visit>
void visit_left_rows(const WindowPositions& p, std::int64_t tap, Visit visit) {
  const std::int64_t h_shift = tap / p.w.taps * p.h.dilation - p.h.pad;
  const std::int64_t w_shift = tap % p.w.taps * p.w.dilation - p.w.pad;
  std::int64_t k = 0;
  for (std::int64_t image = 0; image < p.images; ++image) {
    for (std::int64_t y = p.h.start; y < p.h.start + p.h.count; ++y) {
      const std::int64_t in_y = y * p.h.stride + h_shift;
      const bool is_row = in_y >= 0 && in_y < p.h.in;
      const std::int64_t first = p.a_first + (image * p.h.in + in_y) * p.w.in;
      for (std::int64_t x = p.w.start; x < p.w.start + p.w.count; ++x) {
        const std::int64_t in_x = x * p.w.stride + w_shift;
        visit(k++, is_row && in_x >= 0 && in_x < p.w.in ? first + in_x : kNone);
      }
    }
  }
}

/// Of each element but the first: does another block of the right operand begin with it?
std::vector<bool> right_borders(const WindowPositions& p) {
  std::vector<bool> borders;
  borders.reserve(static_cast<std::size_t>(p.count()));
  std::int64_t before = kNone;
  for (std::int64_t image = 0; image < p.images; ++image) {
    for (std::int64_t y = p.h.start; y < p.h.start + p.h.count; ++y) {
      for (std::int64_t x = p.w.start; x < p.w.start + p.w.count; ++x) {
        const std::int64_t row = p.b_first + image * p.b_image + y * p.w.out + x;
        const std::int64_t block = row / p.b_length;
        borders.push_back(before != kNone && block != before);
        before = block;
      }
    }
  }
  return borders;
}

/// Taps [first, past) of an axis that read stored inputs.
struct StoredTaps {
  std::int64_t first = 0;
  std::int64_t past = 0;

  bool has(std::int64_t tap) const { return tap >= first && tap < past; }
  auto operator<=>(const StoredTaps&) const = default;
};

StoredTaps stored_taps(const PositionAxis& axis, std::int64_t position) {
  const std::int64_t before = axis.pad - position * axis.stride;  // inputs before the first tap's
  const std::int64_t first = before <= 0 ? 0 : ceil_div(before, axis.dilation);
  const std::int64_t room = axis.in + before;  // inputs from the first tap's on
  const std::int64_t past = room <= 0 ? 0 : std::min(axis.taps, ceil_div(room, axis.dilation));
  return first < past ? StoredTaps{first, past} : StoredTaps{};
}

/// Which left blocks a result row reads: rows with equal places have equal pieces.
struct RowPlace {
  std::int64_t row = 0;     ///< of tap 0, from the beginning of its block
  std::int64_t column = 0;  ///< of the first channel, from the beginning of its block
  StoredTaps h;
  StoredTaps w;

  auto operator<=>(const RowPlace&) const = default;
};

/// 0 in a block that is the whole axis.
std::int64_t within_block(std::int64_t index, std::int64_t block) {
  if (block == std::numeric_limits<std::int64_t>::max()) return 0;
  return (index % block + block) % block;
}

RowPlace row_place(const WindowTaps& window, std::int64_t image, std::int64_t y, std::int64_t x) {
  const PositionAxis& h = window.h;
  const PositionAxis& w = window.w;
  const std::int64_t row = window.a_first + image * window.image_rows +
                           (y * h.stride - h.pad) * w.in + x * w.stride - w.pad;
  RowPlace place{within_block(row, window.a_rows),
                 within_block(window.a_column + image * window.image_cols, window.a_cols),
                 stored_taps(h, y), stored_taps(w, x)};
  if (place.h == StoredTaps{} || place.w == StoredTaps{}) place = {};
  return place;
}

std::vector<bool> ends_of(const WindowTaps& window, const RowPlace& place) {
  std::vector<bool> ends(static_cast<std::size_t>(window.count()));
  std::pair<std::int64_t, std::int64_t> before{kNone, kNone};
  std::int64_t length = 0;
  for (std::int64_t k = 0; k < window.count(); ++k) {
    const std::int64_t tap = window.first_tap + k / window.channels;
    const std::int64_t tap_h = tap / window.w.taps;
    const std::int64_t tap_w = tap % window.w.taps;
    bool border = k > 0 && window.right_ends[static_cast<std::size_t>(k - 1)];
    if (place.h.has(tap_h) && place.w.has(tap_w)) {
      const std::int64_t row =
          place.row + tap_h * window.h.dilation * window.w.in + tap_w * window.w.dilation;
      const std::pair block{row / window.a_rows,
                            (place.column + k % window.channels) / window.a_cols};
      border = border || (before.first != kNone && block != before);
      before = block;
    }
    if (k > 0 && (border || length == window.longest)) {
      ends[static_cast<std::size_t>(k - 1)] = true;
      length = 0;
    }
    ++length;
  }
  return ends;
}

}  // namespace

WindowPieces::WindowPieces(const WindowPositions& positions) : elements_(positions.count()) {
  const std::vector<bool> right = right_borders(positions);
  ends_.resize(static_cast<std::size_t>(positions.taps() * elements_));
  for (std::int64_t tap = 0; tap < positions.taps(); ++tap) {
    std::int64_t begin = kNone;  // rows of the left block that is open
    std::int64_t end = kNone;
    std::int64_t count = 1;
    visit_left_rows(positions, tap, [&](std::int64_t k, std::int64_t row) {
      bool border = right[static_cast<std::size_t>(k)];
      if (row != kNone && (row < begin || row >= end)) {
        border = border || begin != kNone;
        const std::int64_t block = row / positions.a_length;
        begin = block * positions.a_length;
        end = positions.a_length > std::numeric_limits<std::int64_t>::max() - begin
                  ? std::numeric_limits<std::int64_t>::max()
                  : begin + positions.a_length;
      }
      if (!border) return;
      ends_[static_cast<std::size_t>(tap * elements_ + k - 1)] = true;
      ++count;
    });
    counts_.push_back(count);
  }
}

WindowPieces::WindowPieces(const WindowTaps& window) : elements_(window.count()) {
  std::map<RowPlace, std::int32_t> places;
  std::map<std::vector<bool>, std::int32_t> kinds;
  const auto kind_of = [&](const RowPlace& place) {
    const auto [found, is_new] = places.try_emplace(place, 0);
    if (!is_new) return found->second;
    const std::vector<bool> ends = ends_of(window, place);
    const auto [kind, first] = kinds.try_emplace(ends, static_cast<std::int32_t>(counts_.size()));
    found->second = kind->second;
    if (!first) return found->second;
    ends_.insert(ends_.end(), ends.begin(), ends.end());
    counts_.push_back(1 + std::count(ends.begin(), ends.end(), true));
    return found->second;
  };
  kinds_.reserve(static_cast<std::size_t>(window.rows()));
  for (std::int64_t image = 0; image < window.images; ++image) {
    for (std::int64_t y = window.h.start; y < window.h.start + window.h.count; ++y) {
      for (std::int64_t x = window.w.start; x < window.w.start + window.w.count; ++x) {
        kinds_.push_back(kind_of(row_place(window, image, y, x)));
      }
    }
  }
}

std::int64_t WindowPieces::count(std::int64_t kind, std::int64_t pass_length) const {
  std::int64_t count = counts_[static_cast<std::size_t>(kind)];
  for (std::int64_t last = pass_length - 1; last < elements_ - 1; last += pass_length) {
    count += ends(kind, last) ? 0 : 1;
  }
  return count;
}

std::int64_t WindowPieces::held_bits() const {
  return static_cast<std::int64_t>(ends_.size() + 32 * kinds_.size());
}

template <class Key>
std::shared_ptr<const WindowPieces> WindowPiecesMemo::find(Known<Key>& known, const Key& key) {
  constexpr std::int64_t kMostBits = std::int64_t{1} << 28;
  const auto found = known.find(key);
  if (found != known.end()) return found->second;
  if (held_bits_ > kMostBits) {
    positions_.clear();
    taps_.clear();
    held_bits_ = 0;
  }
  auto pieces = std::make_shared<const WindowPieces>(key);
  held_bits_ += pieces->held_bits();
  known.emplace(key, pieces);
  return pieces;
}

std::shared_ptr<const WindowPieces> WindowPiecesMemo::of(const WindowPositions& positions) {
  return find(positions_, positions);
}

std::shared_ptr<const WindowPieces> WindowPiecesMemo::of(const WindowTaps& window) {
  return find(taps_, window);
}

}  // namespace mxsim
