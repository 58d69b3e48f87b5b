#include "sim/python/dlpack.h"

#include <cstdint>
#include <cstring>
#include <vector>

namespace mxsim {
namespace {

namespace py = pybind11;

/// DLPack's DLTensor, of which no Debian package has the header (github.com/dmlc/dlpack; its layout
/// is the same in every version).
struct DlTensor {
  void* data;
  std::int32_t device_type;
  std::int32_t device_id;
  std::int32_t dimensions;
  std::uint8_t type_code;
  std::uint8_t type_bits;
  std::uint16_t type_lanes;
  std::int64_t* shape;
  std::int64_t* strides;  ///< in elements; null: C order
  std::uint64_t byte_offset;
};

constexpr std::int32_t kCpu = 1;
constexpr std::uint8_t kBfloat = 4;

bool is_bfloat16(const DlTensor& tensor) {
  return tensor.device_type == kCpu && tensor.type_code == kBfloat && tensor.type_bits == 16 &&
         tensor.type_lanes == 1;
}

/// Copies axis `axis` and those after it; returns the end of the copy.
std::uint16_t* copy(const DlTensor& tensor, std::int32_t axis, const std::uint16_t* from,
                    std::uint16_t* to) {
  if (axis == tensor.dimensions) {
    *to = *from;
    return to + 1;
  }
  std::int64_t stride = 1;
  if (tensor.strides != nullptr) {
    stride = tensor.strides[axis];
  } else {
    for (std::int32_t later = axis + 1; later < tensor.dimensions; ++later) {
      stride *= tensor.shape[later];
    }
  }
  for (std::int64_t i = 0; i < tensor.shape[axis]; ++i) {
    to = copy(tensor, axis + 1, from + i * stride, to);
  }
  return to;
}

}  // namespace

py::object bfloat16_words(const py::capsule& capsule) {
  constexpr const char* kName = "dltensor";
  if (capsule.name() == nullptr || std::strcmp(capsule.name(), kName) != 0) return py::none();
  const DlTensor& tensor = *static_cast<const DlTensor*>(capsule.get_pointer());
  if (!is_bfloat16(tensor)) return py::none();
  py::array_t<std::uint16_t> words(
      std::vector<py::ssize_t>(tensor.shape, tensor.shape + tensor.dimensions));
  const auto* const bytes = static_cast<const char*>(tensor.data) + tensor.byte_offset;
  copy(tensor, 0, reinterpret_cast<const std::uint16_t*>(bytes), words.mutable_data());
  return words;
}

}  // namespace mxsim
