#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "sim/cli/command_table.h"
#include "sim/cli/printable.h"
#include "sim/config/result_document.h"
#include "sim/output/output_file.h"
#include "sim/report/report_page.h"

namespace mxsim {
namespace {

struct ReportCommand {
  std::vector<std::string> inputs;
  std::string output = "report.html";
  std::string title = "mxsim report";
};

int write_report(const ReportCommand& command, Console& console) {
  std::vector<ResultDocument> documents;
  std::vector<Diagnostic> faults;
  for (const std::string& input : command.inputs) {
    try {
      for (ResultDocument& each : load_results(input)) documents.push_back(std::move(each));
    } catch (const InputError& error) {
      faults.insert(faults.end(), error.diagnostics().begin(), error.diagnostics().end());
    }
  }
  if (!faults.empty()) throw InputError(std::move(faults));
  write_file(command.output, report_page(command.title, documents));
  if (console.json()) {
    console.out << report_json(command.output, documents);
    return kExitDone;
  }
  for (const ResultDocument& each : documents) {
    console.out << printable(fmt::format("{}: {}", each.name, each.kind)) << '\n';
  }
  console.out << printable(command.output) << '\n';
  return kExitDone;
}

}  // namespace

CommandAction set_up_report(CLI::App& app) {
  const auto command = std::make_shared<ReportCommand>();
  app.add_option("RESULT", command->inputs,
                 "folders that run, compare, sweep, explore, train or eval wrote with --out, or "
                 "single files of theirs; files of run --timeline")
      ->required();
  app.add_option("-o,--output", command->output, "page to write")->capture_default_str();
  app.add_option("--title", command->title, "heading of the page")->capture_default_str();
  return [command](Console& console) { return write_report(*command, console); };
}

}  // namespace mxsim
