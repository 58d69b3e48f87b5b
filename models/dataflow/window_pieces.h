#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

namespace mxsim {

/// Positions of one axis that a tile sums over, and the window that reads them: position p and tap
/// t read input p * stride + t * dilation - pad, if it lies in [0, in).
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
/// w.count positions, w innermost. The left operand stores one row an input position (image, h, w),
/// the right one a row an output position; blocks of shared scale are so many rows of each.
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

/// Where exact sums over these positions end, tap by tap: products that follow each other and share
/// both scales are one piece. A product in the padding is zero and counts as of the left block
/// before it (at the beginning: of the first one).
class WindowPieces {
 public:
  explicit WindowPieces(const WindowPositions& positions);

  std::int64_t elements() const { return elements_; }
  std::int64_t taps() const { return static_cast<std::int64_t>(counts_.size()); }
  /// Whether a piece of `tap` ends with element k, which is not the last one.
  bool ends(std::int64_t tap, std::int64_t k) const {
    return ends_[static_cast<std::size_t>(tap * elements_ + k)];
  }
  /// Pieces of `tap` when passes cut the reduction after every `pass_length` elements too.
  std::int64_t count(std::int64_t tap, std::int64_t pass_length) const;

 private:
  std::int64_t elements_;
  std::vector<bool> ends_;            ///< by tap and element
  std::vector<std::int64_t> counts_;  ///< by tap, of one pass
};

/// Remembers the pieces of positions met before. What it answers does not depend on what it holds.
class WindowPiecesMemo {
 public:
  std::shared_ptr<const WindowPieces> of(const WindowPositions& positions);

 private:
  std::map<WindowPositions, std::shared_ptr<const WindowPieces>> pieces_;
  std::int64_t held_bits_ = 0;
};

}  // namespace mxsim
