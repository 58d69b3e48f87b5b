#include "sim/report/operands_report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "sim/report/text_table.h"
#include "sim/report/wrapped_lines.h"

namespace mxsim {
namespace {

std::string_view role_text(TensorRole role) {
  if (role == TensorRole::kWeight) return "weights";
  return role == TensorRole::kGradient ? "gradient" : "activations";
}

}  // namespace

std::string operands_text(const std::vector<OperandFile>& files, std::size_t width) {
  TextTable table({{"file"}, {"rows", Align::kRight}, {"columns", Align::kRight}, {"holds"}});
  for (const OperandFile& file : files) {
    table.add_row({file.name + ".npy", fmt::format("{}", file.rows), fmt::format("{}", file.cols),
                   std::string(role_text(file.role))});
  }
  return table.text(Colour::kOff, width) +
         wrapped_lines(
             "rows: a pixel or token each, of convolution weights a tap and input channel; "
             "columns: "
             "channels. Floating-point numbers of 16, 32 or 64 bits, in row-major order; what is "
             "not in the folder is drawn.",
             width, 0);
}

std::string operands_json(const std::vector<OperandFile>& files) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const OperandFile& file : files) {
    list.push_back({{"file", file.name + ".npy"},
                    {"rows", file.rows},
                    {"columns", file.cols},
                    {"role", role_text(file.role)}});
  }
  return nlohmann::ordered_json{{"files", list}}.dump(1) + "\n";
}

}  // namespace mxsim
