#pragma once

#include <cstdint>
#include <fstream>
#include <string>

#include "sim/npy/npy_array.h"

namespace mxsim {

/// A .npy file that is read piece after piece.
class NpyFile {
 public:
  static constexpr std::int64_t kMostBytesAtOnce = std::int64_t{1} << 32;

  /// Reads the header. Throws InputError as read_npy().
  explicit NpyFile(const std::string& path);

  const std::string& path() const { return path_; }
  NpyType type() const { return type_; }
  const Shape& shape() const { return shape_; }
  std::int64_t elements() const;
  bool is_c_ordered() const { return is_c_ordered_; }

  /// Bytes of the next `count` elements in the order of the file, in this machine's byte order.
  /// Throws InputError for more than kMostBytesAtOnce.
  std::vector<char> read(std::int64_t count);

 private:
  std::vector<char> take(std::size_t count);
  std::string header_text();
  void check_size();

  std::string path_;
  std::ifstream in_;
  std::uint64_t left_ = 0;
  NpyType type_ = NpyType::kFloat32;
  Shape shape_;
  bool is_c_ordered_ = true;
  bool is_swapped_ = false;
};

}  // namespace mxsim
