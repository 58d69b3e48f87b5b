#pragma once

#include <map>
#include <string>
#include <vector>

#include "sim/config/run_config.h"

namespace CLI {
class App;
}

namespace mxsim {

/// Options that `run` and `compare` share: the run file and what replaces parts of it.
struct RunOptions {
  std::string file;
  std::string format;
  std::string recipe;  ///< instead of the run file's default format and overrides
  std::string mode;
  std::string fidelity;
  std::string batch;
  std::string prompt;
  std::string generate;
  std::string skip;                 ///< residual additions, "": as the run file says
  std::string workload;             ///< trace or network file, "": the run file's
  std::vector<std::string> dims;    ///< "NAME=N[,NAME=N...]"
  std::vector<std::string> shapes;  ///< "INPUT=1x3x224x224"
  std::vector<std::string> sets;    ///< "/json/pointer=value"
  std::string out;                  ///< folder for the result files; "": none are written
};

void add_run_options(CLI::App& app, RunOptions& options);

/// A run with its formats' name.
struct LabelledRun {
  std::string label;
  RunConfig config;
};
/// The run in a format; a block in its name replaces the run file's for all operands.
LabelledRun load_format(RunOptions options, const std::string& label);

/// The formats that a run file defines; none for "".
std::map<std::string, FormatSpec> formats_defined_in(const std::string& run_file);
/// With the replacements.
std::map<std::string, FormatSpec> formats_defined_in(const RunOptions& options);
/// The option --define of commands without a run file.
void add_define_option(CLI::App& app, std::string& run_file);

/// Reads the run file with its replacements; throws InputError with every fault.
RunConfig load_run(const RunOptions& options);

}  // namespace mxsim
