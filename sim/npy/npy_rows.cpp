#include "sim/npy/npy_rows.h"

namespace mxsim {

NpyRows::NpyRows(const std::string& path) : file_(path) {
  if (!file_.is_c_ordered()) whole_ = read_npy(path);
}

NpyArray NpyRows::read(std::int64_t rows) {
  const std::int64_t begin = next_row_;
  next_row_ += rows;
  NpyArray band{file_.type(), {rows, cols()}, {}};
  if (file_.is_c_ordered()) {
    band.bytes = file_.read(exact_mul(rows, cols()));
  } else {
    const std::int64_t row_bytes = cols() * item_bytes(band.type);
    band.bytes.assign(whole_.bytes.begin() + begin * row_bytes,
                      whole_.bytes.begin() + next_row_ * row_bytes);
  }
  return band;
}

}  // namespace mxsim
