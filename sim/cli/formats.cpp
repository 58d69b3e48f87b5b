#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "models/formats/format_table.h"
#include "sim/cli/command_table.h"
#include "sim/report/format_report.h"

namespace mxsim {
namespace {

int list_formats(const std::vector<std::string>& names, Console& console) {
  std::vector<FormatSpec> formats;
  for (const std::string& name : names) formats.push_back(parse_format(name));
  if (names.empty()) formats = format_table();
  console.out << (console.json() ? formats_json(formats) : formats_text(formats));
  return kExitDone;
}

}  // namespace

CommandAction set_up_formats(CLI::App& app) {
  const auto names = std::make_shared<std::vector<std::string>>();
  app.add_option("FORMAT", *names, "names, ExMy such as e3m4b7fn, or TensorCast data types; all");
  return [names](Console& console) { return list_formats(*names, console); };
}

}  // namespace mxsim
