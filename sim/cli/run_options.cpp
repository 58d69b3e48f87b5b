#include "sim/cli/run_options.h"

#include <CLI/CLI.hpp>

#include "sim/config/load.h"

namespace mxsim {

void add_run_options(CLI::App& app, RunOptions& options) {
  app.add_option("RUN", options.file, "run file")->required();
  app.add_option("--mode", options.mode, "train or infer, instead of the run file's");
  app.add_option("--fidelity", options.fidelity, "tile or pe, instead of the run file's");
  app.add_option("--batch", options.batch, "batch size, instead of the run file's");
  app.add_option("--set", options.sets, "/json/pointer=value: replaces one key; may be repeated");
  app.add_option("--out", options.out, "folder for the result files (made if needed)");
}

RunConfig load_run(const RunOptions& options) {
  std::vector<Override> overrides;
  for (const std::string& set : options.sets) overrides.push_back(parse_override(set));
  const auto replace = [&](const char* pointer, const std::string& value) {
    if (!value.empty()) overrides.push_back({pointer, value});
  };
  replace("/formats/default", options.format);
  replace("/mode", options.mode);
  replace("/fidelity", options.fidelity);
  replace("/batch", options.batch);
  return load_config<RunConfig>(options.file, overrides);
}

}  // namespace mxsim
