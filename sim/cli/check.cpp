#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "sim/cli/command_table.h"
#include "sim/cli/printable.h"
#include "sim/config/file_kind.h"
#include "sim/config/input_file.h"
#include "sim/config/load.h"
#include "sim/report/config_report.h"
#include "sim/report/outlook_text.h"
#include "sim/run/port_warning.h"

namespace mxsim {
namespace {

CheckedFile check_file(const std::string& path) {
  CheckedFile checked{path, "", {}, {}, {}};
  try {
    const Document document = Document::load(find_input_file(path));
    const FileKind& kind = kind_of(document);
    checked.kind = kind.name;
    if (kind.name != "run") {
      kind.check(document);
      return checked;
    }
    const auto run = load_config<RunConfig>(document);
    checked.warnings = expected_port_warnings(run);
    checked.outlook = run_outlook(run);
  } catch (const InputError& error) {
    checked.faults = error.diagnostics();
  }
  return checked;
}

int check(const std::vector<std::string>& paths, Console& console) {
  std::vector<CheckedFile> files;
  int code = kExitDone;
  for (const std::string& path : paths) {
    const CheckedFile& checked = files.emplace_back(check_file(path));
    print_faults(checked.faults, console.err);
    for (const std::string& line : checked.warnings) {
      console.err << printable(path + ": warning: " + line) << '\n';
    }
    if (!checked.faults.empty()) {
      code = kExitWrongInput;
    } else if (!console.json()) {
      console.out << printable(path + ": good " + checked.kind + " file") << '\n';
      if (checked.outlook) console.out << outlook_text(*checked.outlook, console.text.width);
    }
  }
  if (console.json()) console.out << check_json(files);
  return code;
}

}  // namespace

CommandAction set_up_check(CLI::App& app) {
  const auto paths = std::make_shared<std::vector<std::string>>();
  app.add_option("FILE", *paths, "files to validate; the kind is told from the content")
      ->required();
  return [paths](Console& console) { return check(*paths, console); };
}

}  // namespace mxsim
