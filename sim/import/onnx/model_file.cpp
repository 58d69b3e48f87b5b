#include "sim/import/onnx/model_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl.h>
#include <google/protobuf/stubs/logging.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>

#include "models/core/error.h"
#include "models/core/safe_text.h"

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

/// A look at the wire format before anything is built from it: two bytes of the file may become
/// hundreds in memory.
class PartCounter {
 public:
  /// Throws InputError for more nodes or parts than are read; ends early at damage, which the
  /// parser tells. `type`: of the message that `in` is limited to.
  bool count(CodedInputStream& in, const google::protobuf::Descriptor& type, int depth = 0) {
    constexpr std::uint32_t kMessageOrText = 2;
    constexpr int kDeepest = 100;  // protobuf's own limit
    if (depth > kDeepest) return false;
    while (const std::uint32_t tag = in.ReadTag()) {
      const auto* field = type.FindFieldByNumber(static_cast<int>(tag >> 3U));
      const bool sized = (tag & 7U) == kMessageOrText;
      if (field == nullptr || sized) add_part();
      const bool message = field != nullptr && sized &&
                           field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE;
      const bool name = field != nullptr && sized && is_name(*field);
      const bool whole = message ? enter(in, *field->message_type(), depth)
                         : name  ? check_name(in, *field)
                                 : skip_field(in, tag);
      if (!whole) return false;
    }
    return true;
  }

 private:
  /// Texts that faults and results tell.
  static bool is_name(const google::protobuf::FieldDescriptor& field) {
    constexpr std::array<std::string_view, 6> kNames{"name",    "input",  "output",
                                                     "op_type", "domain", "dim_param"};
    return field.type() == google::protobuf::FieldDescriptor::TYPE_STRING &&
           std::find(kNames.begin(), kNames.end(), field.name()) != kNames.end();
  }

  static bool check_name(CodedInputStream& in, const google::protobuf::FieldDescriptor& field) {
    std::uint32_t length = 0;
    std::string text;
    if (!in.ReadVarint32(&length) || length > kLargestModelBytes) return false;
    if (!in.ReadString(&text, static_cast<int>(length))) return false;
    if (const std::optional<UnsafePlace> unsafe = unsafe_place(text)) {
      throw InputError(fmt::format("{} \"{}\": {}", field.full_name(), text, unsafe->name));
    }
    return true;
  }

  bool enter(CodedInputStream& in, const google::protobuf::Descriptor& type, int depth) {
    if (&type == onnx::NodeProto::descriptor() && ++nodes_ > kMostNodes) {
      throw InputError(fmt::format("more than {} nodes", kMostNodes));
    }
    std::uint32_t length = 0;
    if (!in.ReadVarint32(&length) || length > kLargestModelBytes) return false;
    const auto limit = in.PushLimit(static_cast<int>(length));
    const bool whole = count(in, type, depth + 1);
    in.PopLimit(limit);
    return whole;
  }

  void add_part() {
    constexpr int kMostParts = 1 << 22;
    if (++parts_ > kMostParts) {
      throw InputError(fmt::format("more than {} messages and texts", kMostParts));
    }
  }

  int nodes_ = 0;
  int parts_ = 0;
};

void refuse_many_parts(const std::string& path) {
  const OpenFile file(path);
  FileInputStream stream(file.descriptor());
  CodedInputStream in(&stream);
  in.SetTotalBytesLimit(static_cast<int>(kLargestModelBytes));
  PartCounter().count(in, *onnx::ModelProto::descriptor());
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
  refuse_many_parts(path);
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
