#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "models/core/error.h"
#include "models/formats/format_table.h"
#include "sim/cli/command_table.h"
#include "sim/config/input_file.h"
#include "sim/config/recipes.h"
#include "sim/report/verify_report.h"

namespace mxsim {
namespace {

struct VerifyCommand {
  std::string model;
  std::string data;
  std::string format = "fp32";
  std::string recipe;
  Tolerance tolerance;
};

int verify(const VerifyCommand& command, Console& console) {
  LoweringPolicy policy = plain_policy(parse_format(command.format));
  if (!command.recipe.empty()) {
    recipe_named(command.recipe, "--recipe");
    policy.formats = with_recipe(std::move(policy.formats), command.recipe);
  }
  const std::string path = find_input_file(command.model);
  std::vector<StoredSet> sets;
  try {
    for (const std::string& folder : stored_folders(path, command.data)) {
      sets.push_back({folder, compare_stored(read_stored_model(path, folder), policy, ArraySpec{},
                                             command.tolerance)});
    }
  } catch (const InputError& error) {
    std::vector<Diagnostic> faults = error.diagnostics();
    for (Diagnostic& fault : faults) {
      if (fault.file.empty()) fault.file = path;
    }
    throw InputError(std::move(faults));
  }
  if (console.json()) {
    console.out << to_json(sets).dump(1) << '\n';
  } else {
    console.out << verify_text(sets, console.text.width);
  }
  const bool good = std::all_of(sets.begin(), sets.end(), [](const StoredSet& set) {
    return std::all_of(set.outputs.begin(), set.outputs.end(),
                       [](const StoredResult& result) { return result.good(); });
  });
  return good ? kExitDone : kExitFailure;
}

}  // namespace

CommandAction set_up_verify(CLI::App& app) {
  const auto command = std::make_shared<VerifyCommand>();
  app.add_option("MODEL", command->model, "ONNX model with its weights")->required();
  app.add_option("--data", command->data,
                 "folder with input_0.pb and on, output_0.pb and on, or with folders "
                 "test_data_set_N of them (MODEL_data or test_data_set_N beside the model)");
  app.add_option("--format", command->format, "format of all GEMM operands")->capture_default_str();
  app.add_option("--recipe", command->recipe,
                 "formats of weights and activations by a name of the field; mxsim formats lists "
                 "them");
  app.add_option("--relative", command->tolerance.relative,
                 "tolerance, as a share of the stored number")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--absolute", command->tolerance.absolute, "tolerance, added to that share")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  return [command](Console& console) { return verify(*command, console); };
}

}  // namespace mxsim
