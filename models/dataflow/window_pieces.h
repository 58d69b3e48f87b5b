#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

namespace mxsim {

/// Positions of one axis of a tile, and the window that reads them: position p and tap t read input
/// p * stride + t * dilation - pad, if it lies in [0, in).
struct PositionAxis {
  std::int64_t start = 0;
  std::int64_t count = 1;
  std::int64_t in = 1;
  std::int64_t out = 1;
  std::int64_t taps = 1;
  std::int64_t stride = 1;
  std::int64_t dilation = 1;
  std::int64_t pad = 0;

  auto operator<=>(const PositionAxis&) const = default;
};

/// The reduction of a tile of a weight gradient: element k is the k-th of images x h.count x
/// w.count positions, w innermost; a kind of result rows is a tap. The left operand stores one row
/// an input position (image, h, w), the right one a row an output position; blocks of shared scale
/// are so many rows of each.
struct WindowPositions {
  std::int64_t images = 1;
  PositionAxis h;
  PositionAxis w;
  std::int64_t a_length = 1;  ///< rows of a block of the left operand
  std::int64_t b_length = 1;
  std::int64_t a_first = 0;  ///< row of the first image's first pixel, less whole blocks
  std::int64_t b_first = 0;
  std::int64_t b_image = 0;  ///< rows of the right operand from one image to the next

  std::int64_t count() const { return images * h.count * w.count; }
  std::int64_t taps() const { return h.taps * w.taps; }
  auto operator<=>(const WindowPositions&) const = default;
};

/// The reduction of a tile of a convolution or of its data gradient: element k is (tap, channel),
/// channels innermost; a result row is one of images x h.count x w.count positions. The left
/// operand stores one row an input position and one column a channel, in blocks of a_rows x a_cols
/// elements.
struct WindowTaps {
  std::int64_t images = 1;
  PositionAxis h;
  PositionAxis w;
  std::int64_t first_tap = 0;
  std::int64_t tap_count = 1;
  std::int64_t channels = 1;
  std::int64_t a_rows = 1;
  std::int64_t a_cols = 1;
  std::int64_t a_first = 0;      ///< row of the first image's first pixel, less whole blocks
  std::int64_t a_column = 0;     ///< column of the first channel, less whole blocks
  std::int64_t image_rows = 0;   ///< from one image to the next
  std::int64_t image_cols = 0;   ///< from one image to the next
  std::int64_t longest = 1;      ///< products that an exact sum may take in
  std::vector<bool> right_ends;  ///< by k: a block of the right operand ends for some column

  std::int64_t rows() const { return images * h.count * w.count; }
  std::int64_t count() const { return tap_count * channels; }
  auto operator<=>(const WindowTaps&) const = default;
};

/// Where exact sums over a window end, for each kind of result rows: products that follow each
/// other and share both scales are one piece. A product in the padding is zero and counts as of the
/// left block before it (at the beginning: of the first one).
class WindowPieces {
 public:
  explicit WindowPieces(const WindowPositions& positions);
  explicit WindowPieces(const WindowTaps& window);

  std::int64_t elements() const { return elements_; }
  std::int64_t kinds() const { return static_cast<std::int64_t>(counts_.size()); }
  /// Kind of a row of the tile: of a weight gradient's tap that tap.
  std::int64_t kind(std::int64_t row) const {
    return kinds_.empty() ? row : kinds_[static_cast<std::size_t>(row)];
  }
  /// Whether a piece of rows of this kind ends with element k, which is not the last one.
  bool ends(std::int64_t kind, std::int64_t k) const {
    return ends_[static_cast<std::size_t>(kind * elements_ + k)];
  }
  /// Their pieces when passes cut the reduction after every `pass_length` elements too.
  std::int64_t count(std::int64_t kind, std::int64_t pass_length) const;
  std::int64_t held_bits() const;

 private:
  std::int64_t elements_;
  std::vector<bool> ends_;            ///< by kind and element
  std::vector<std::int64_t> counts_;  ///< by kind, of one pass
  std::vector<std::int32_t> kinds_;   ///< by row; none: each row is a kind of its own
};

/// Remembers the pieces of windows met before. What it answers does not depend on what it holds.
class WindowPiecesMemo {
 public:
  std::shared_ptr<const WindowPieces> of(const WindowPositions& positions);
  std::shared_ptr<const WindowPieces> of(const WindowTaps& window);

 private:
  template <class Key>
  using Known = std::map<Key, std::shared_ptr<const WindowPieces>>;
  template <class Key>
  std::shared_ptr<const WindowPieces> find(Known<Key>& known, const Key& key);

  Known<WindowPositions> positions_;
  Known<WindowTaps> taps_;
  std::int64_t held_bits_ = 0;
};

}  // namespace mxsim
