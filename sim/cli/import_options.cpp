#include "sim/cli/import_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <optional>

#include "models/core/error.h"
#include "models/workload/layer_kind.h"

namespace mxsim {
namespace {

std::optional<std::int64_t> extent_of(std::string_view text, std::int64_t least = 1) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (!whole || value < least || value > kLargestExtent) return std::nullopt;
  return value;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

[[noreturn]] void refuse(const char* option, std::string_view got, const char* expected) {
  throw InputError(fmt::format("{}: got \"{}\", expected {} with sizes of 1..{}", option, got,
                               expected, kLargestExtent));
}

}  // namespace

void add_import_options(CLI::App& app, std::vector<std::string>& dims,
                        std::vector<std::string>& shapes) {
  app.add_option(
      "--dim", dims,
      "NAME=N[,NAME=N...]: sizes that an ONNX model leaves open or that a trace names, e.g. "
      "batch=1,seq=128");
  app.add_option("--shape", shapes,
                 "INPUT=1x3x224x224: whole shape of an ONNX model's input; may be repeated");
}

ImportOptions parse_import_options(const std::vector<std::string>& dims,
                                   const std::vector<std::string>& shapes,
                                   std::int64_t least_size) {
  ImportOptions options;
  for (const std::string& list : dims) {
    for (const std::string_view each : split(list, ',')) {
      const std::size_t equals = each.rfind('=');
      const auto value =
          equals == each.npos ? std::nullopt : extent_of(each.substr(equals + 1), least_size);
      if (!value || equals == 0) refuse("--dim", each, "NAME=N");
      options.dims[std::string(each.substr(0, equals))] = *value;
    }
  }
  for (const std::string& each : shapes) {
    const std::size_t equals = each.rfind('=');
    if (equals == std::string::npos || equals == 0) refuse("--shape", each, "INPUT=1x3x224x224");
    Shape shape;
    for (const std::string_view extent : split(std::string_view(each).substr(equals + 1), 'x')) {
      const auto value = extent_of(extent);
      if (!value) refuse("--shape", each, "INPUT=1x3x224x224");
      shape.push_back(*value);
    }
    options.shapes[each.substr(0, equals)] = shape;
  }
  return options;
}

}  // namespace mxsim
