#include "sim/import/onnx/model_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl.h>
#include <google/protobuf/stubs/logging.h>
#include <unistd.h>

#include <filesystem>
#include <system_error>

#include "models/core/error.h"

namespace mxsim {
namespace {

namespace fs = std::filesystem;
using google::protobuf::io::CodedInputStream;
using google::protobuf::io::FileInputStream;

class OpenFile {
 public:
  explicit OpenFile(const std::string& path) : descriptor_(::open(path.c_str(), O_RDONLY)) {
    if (descriptor_ < 0) throw InputError("cannot be opened");
  }
  ~OpenFile() { ::close(descriptor_); }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

/// Steps over one field of a message without keeping it.
bool skip_field(CodedInputStream& in, std::uint32_t tag) {
  std::uint64_t number = 0;
  std::uint32_t length = 0;
  switch (tag & 7U) {
    case 0:
      return in.ReadVarint64(&number);
    case 1:
      return in.Skip(8);
    case 2:
      return in.ReadVarint32(&length) && length <= kLargestModelBytes &&
             in.Skip(static_cast<int>(length));
    case 5:
      return in.Skip(4);
    default:
      return false;
  }
}

/// Nodes of a graph message that `in` is limited to; -1 when it is damaged.
int count_nodes(CodedInputStream& in) {
  constexpr std::uint32_t kNodeTag = (1U << 3) | 2U;
  int nodes = 0;
  while (const std::uint32_t tag = in.ReadTag()) {
    if (!skip_field(in, tag)) return -1;
    if (tag == kNodeTag && ++nodes > kMostNodes) return nodes;
  }
  return nodes;
}

/// A look at the wire format before anything is built from it: a large file of many nodes is
/// refused without its memory.
void refuse_many_nodes(const std::string& path) {
  constexpr std::uint32_t kGraphTag = (7U << 3) | 2U;
  const OpenFile file(path);
  FileInputStream stream(file.descriptor());
  CodedInputStream in(&stream);
  in.SetTotalBytesLimit(static_cast<int>(kLargestModelBytes));
  while (const std::uint32_t tag = in.ReadTag()) {
    if (tag != kGraphTag) {
      if (!skip_field(in, tag)) return;
      continue;
    }
    std::uint32_t length = 0;
    if (!in.ReadVarint32(&length)) return;
    const auto limit = in.PushLimit(static_cast<int>(length));
    if (count_nodes(in) > kMostNodes) {
      throw InputError(fmt::format("more than {} nodes", kMostNodes));
    }
    in.PopLimit(limit);
  }
}

void refuse_outside_data(const onnx::TensorProto& tensor) {
  for (const auto& entry : tensor.external_data()) {
    if (entry.key() != "location") continue;
    const fs::path place = fs::path(entry.value()).lexically_normal();
    if (place.is_absolute() || place.empty() || *place.begin() == "..") {
      throw InputError(
          fmt::format("initializer \"{}\": external data \"{}\" lies outside the model's folder",
                      tensor.name(), entry.value()));
    }
  }
}

}  // namespace

onnx::ModelProto read_model_file(const std::string& path) {
  std::error_code error;
  const std::uintmax_t size = fs::file_size(path, error);
  if (error) throw InputError(error.message());
  if (size > static_cast<std::uintmax_t>(kLargestModelBytes)) {
    throw InputError(
        fmt::format("{} bytes, an ONNX model has at most {} (keep weights as "
                    "external data)",
                    size, kLargestModelBytes));
  }
  google::protobuf::LogSilencer silent;
  refuse_many_nodes(path);
  const OpenFile file(path);
  FileInputStream stream(file.descriptor());
  CodedInputStream in(&stream);
  in.SetTotalBytesLimit(static_cast<int>(kLargestModelBytes));
  onnx::ModelProto model;
  if (!model.ParseFromCodedStream(&in) || !in.ConsumedEntireMessage()) {
    throw InputError("not a whole ONNX model: damaged, cut off, or another kind of file");
  }
  if (!model.has_graph() || model.graph().node_size() == 0) {
    throw InputError("an ONNX model without nodes");
  }
  for (const onnx::TensorProto& tensor : model.graph().initializer()) {
    refuse_outside_data(tensor);
  }
  return model;
}

}  // namespace mxsim
