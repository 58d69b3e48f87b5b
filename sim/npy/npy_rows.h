#pragma once

#include <cstdint>
#include <string>

#include "sim/npy/npy_file.h"

namespace mxsim {

/// The matrix view of a .npy file, read band of rows after band: the last axis is the row, all
/// others together count the rows. Files in Fortran order are held whole.
class NpyRows {
 public:
  /// Throws InputError as read_npy().
  explicit NpyRows(const std::string& path);

  const NpyFile& file() const { return file_; }
  std::int64_t rows() const { return file_.elements() / cols(); }
  std::int64_t cols() const { return file_.shape().back(); }

  /// The next `rows` rows.
  NpyArray read(std::int64_t rows);

 private:
  NpyFile file_;
  NpyArray whole_;  ///< not in C order
  std::int64_t next_row_ = 0;
};

}  // namespace mxsim
