#include <algorithm>
#include <optional>
#include <sstream>
#include <stdexcept>

#include "models/core/safe_text.h"
#include "models/formats/format_definition.h"
#include "models/formats/format_parser.h"
#include "models/workload/layer_pattern.h"
#include "sim/config/address_bits.h"
#include "sim/config/document.h"
#include "sim/config/dram_formula.h"
#include "sim/config/result_line.h"
#include "tests/support/fuzz_parts.h"

namespace mxsim {
namespace {

/// The name that a format gets means the same format.
void read_format_name(std::string_view input) {
  std::optional<FormatSpec> format;
  refusing([&] { format = parse_format(input); });
  if (format && parse_format(format->name) != *format) throw std::logic_error("another format");
}

/// Lines of a definition: element, scale, tensor scale, zero point, block, sub-block, parameter.
void define_format(std::string_view input) {
  std::vector<std::string> lines;
  std::istringstream rest{std::string(input)};
  for (std::string line; lines.size() < 7 && std::getline(rest, line);) lines.push_back(line);
  lines.resize(7);
  const auto extents = [](const std::string& line) {
    const auto extent = [&](std::size_t i) {
      return i < line.size() ? std::int64_t{static_cast<unsigned char>(line[i])} : 1;
    };
    return line.empty() ? std::vector<std::int64_t>{}
                        : std::vector<std::int64_t>{extent(0), extent(1)};
  };
  FormatDefinition definition{lines[0], lines[1], lines[2], lines[3], extents(lines[4]), {}, 1, {}};
  // The reader of the keys lets no other extents through.
  for (const std::int64_t extent : extents(lines[5])) {
    definition.sub_block.push_back(std::max<std::int64_t>(1, extent));
  }
  if (!lines[6].empty()) definition.parameters.push_back(lines[6]);
  refusing([&] { defined_format("mine", definition); });
}

void add_texts(std::vector<FuzzTarget>& targets) {
  targets.push_back({"define", define_format, [] {
                       return std::vector<std::string>{
                           "e3m2fin\ne8m0\n\n\n\x01\x20\n\nup", "mxsf:bias=7\ne8m0\n\n\n\x08\x08",
                           "e2m1fin\ne4m3fn\nfloat32\n\n\x01\x10\n\nrounding=sr",
                           "uint4\nfloat32\n\nuint4", "int5\ne8m0\n\n\n\x01\x10\n\x01\x02"};
                     }});
  targets.push_back({"format", read_format_name, [] {
                       return std::vector<std::string>{"mxsf",
                                                       "mxfp8_e4m3",
                                                       "e4m3b7fn",
                                                       "int8",
                                                       "e2m1fin,e4m3fn_t16",
                                                       "uint4,e5m10_uint4_t64d1",
                                                       "e2m1,e8m0_t32s8o2",
                                                       "cb41_x",
                                                       "mxsf:k=1,k=2"};
                     }});
  targets.push_back({"pattern",
                     [](std::string_view input) {
                       refusing([&] {
                         std::string captured;
                         LayerPattern(std::string(input)).matches("layer1.0.conv2", captured);
                       });
                     },
                     [] {
                       return std::vector<std::string>{"(b\\d+)\\..*", "(.|.|.|.)*y", "((((",
                                                       "[^a]{3,}", "(?i)a|b"};
                     }});
  targets.push_back({"texts",
                     [](std::string_view input) {
                       if (unsafe_place(escaped(input))) throw std::logic_error("an unsafe text");
                       refusing([&] { parse_override(input); });
                       refusing([&] { evaluate_formula(input, {{"tRP", 3}, {"WL", 1}}); });
                       address_bits(input);
                       read_result_line(std::string(input));
                       is_signed_result_line(input);
                     },
                     [] {
                       return std::vector<std::string>{
                           "/a/b~1c=3", "2*tRP - 1 + WL", "row:3 ^ bank:1",
                           R"({"point":1,"sweep":"a","status":"failed","settings":{},"error":"x"})",
                           "\xe2\x80\xae\x1b[31m"};
                     }});
}

}  // namespace

std::vector<FuzzTarget> text_targets() {
  std::vector<FuzzTarget> targets;
  add_texts(targets);
  return targets;
}

}  // namespace mxsim
