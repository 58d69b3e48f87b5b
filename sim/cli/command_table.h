#pragma once

#include <vector>

#include "sim/cli/cli_command.h"

namespace mxsim {

/// Every command of the program. One row and one file add one.
const std::vector<CliCommand>& command_table();

CommandAction set_up_run(CLI::App& app);
CommandAction set_up_compare(CLI::App& app);
CommandAction set_up_train(CLI::App& app);
CommandAction set_up_eval(CLI::App& app);
CommandAction set_up_ptq(CLI::App& app);
CommandAction set_up_verify(CLI::App& app);
CommandAction set_up_sweep(CLI::App& app);
CommandAction set_up_explore(CLI::App& app);
CommandAction set_up_report(CLI::App& app);
CommandAction set_up_check(CLI::App& app);
CommandAction set_up_describe(CLI::App& app);
CommandAction set_up_trace(CLI::App& app);
CommandAction set_up_gemm(CLI::App& app);
CommandAction set_up_dram(CLI::App& app);
CommandAction set_up_formats(CLI::App& app);
CommandAction set_up_quantize(CLI::App& app);
CommandAction set_up_completion(CLI::App& app);
CommandAction set_up_manual(CLI::App& app);

}  // namespace mxsim
