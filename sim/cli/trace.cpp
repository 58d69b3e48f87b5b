#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "models/workload/graph_summary.h"
#include "sim/cli/command_table.h"
#include "sim/cli/printable.h"
#include "sim/config/trace_reader.h"
#include "sim/report/trace_report.h"

namespace mxsim {
namespace {

int show(const std::string& path, Console& console) {
  const Graph graph = load_trace(path);
  const GraphSummary summary = summarize(graph);
  console.out << (console.json() ? trace_json(graph.name, summary)
                                 : trace_text(graph.name, summary));
  return kExitDone;
}

int check(const std::string& path, Console& console) {
  const Graph graph = load_trace(path);
  console.notes() << printable(path + ": good trace of " + graph.name) << '\n';
  return kExitDone;
}

}  // namespace

CommandAction set_up_trace(CLI::App& app) {
  const auto path = std::make_shared<std::string>();
  app.require_subcommand(1);
  app.fallthrough();
  CLI::App* shown = app.add_subcommand("show", "layers with shapes, MACs, parameters and bytes");
  CLI::App* checked = app.add_subcommand("check", "every fault of a trace");
  for (CLI::App* sub : {shown, checked}) {
    sub->fallthrough();
    sub->add_option("FILE", *path, "trace")->required();
  }
  const auto is_show = std::make_shared<bool>(false);
  shown->callback([is_show] { *is_show = true; });
  return [path, is_show](Console& console) {
    return *is_show ? show(*path, console) : check(*path, console);
  };
}

}  // namespace mxsim
