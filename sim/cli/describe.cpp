#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "models/core/did_you_mean.h"
#include "sim/cli/command_table.h"
#include "sim/config/file_kind.h"
#include "sim/config/input_file.h"
#include "sim/config/load.h"
#include "sim/report/config_report.h"
#include "sim/report/operands_report.h"
#include "sim/run/run_once.h"

namespace mxsim {
namespace {

struct DescribeOptions {
  std::string key;
  std::string kind = "run";
  std::string operands;  ///< run file; "": keys are described
  bool schema = false;
  bool markdown = false;
};

const FileKind& find_kind(const std::string& name) {
  std::vector<std::string> names;
  for (const FileKind& kind : file_kinds()) {
    if (kind.name == name) return kind;
    names.push_back(kind.name);
  }
  std::string list;
  for (const std::string& known : names) list += (list.empty() ? "" : ", ") + known;
  throw InputError({{"--file", "",
                     "got \"" + name + "\", expected one of " + list + did_you_mean(name, names)}});
}

/// Fields at or below a pointer, or whose last name is `key`.
std::vector<Field> matching(const std::vector<Field>& fields, const std::string& key) {
  std::vector<Field> found;
  std::vector<std::string> known;
  for (const Field& field : fields) {
    const std::string name = field.pointer.substr(field.pointer.rfind('/') + 1);
    const bool below = field.pointer.starts_with(key + "/");
    if (key.empty() || field.pointer == key || below || name == key) found.push_back(field);
    known.push_back(key.starts_with('/') ? field.pointer : name);
  }
  if (found.empty()) throw InputError("unknown key \"" + key + "\"" + did_you_mean(key, known));
  return found;
}

int describe_operands(const std::string& run_file, Console& console) {
  const auto run = load_config<RunConfig>(Document::load(find_input_file(run_file)));
  if (run.generate > 0) {
    throw InputError({{run_file, "/generate", "operands are those of one step: state a mode"}});
  }
  const PlannedWork work = planned_work(run, dram_device(run.chip.dram));
  const std::vector<OperandFile> files = operand_files(work.ops);
  console.out << (console.json() ? operands_json(files) : operands_text(files, console.text.width));
  return kExitDone;
}

int describe(const DescribeOptions& options, Console& console) {
  if (!options.operands.empty()) return describe_operands(options.operands, console);
  const FileKind& kind = find_kind(options.kind);
  if (options.schema) {
    console.out << schema_json(kind);
    return kExitDone;
  }
  const std::vector<Field> fields = matching(kind.fields(), options.key);
  console.out << (console.json()     ? describe_json(fields)
                  : options.markdown ? describe_markdown(fields)
                                     : describe_text(fields, console.text.width));
  return kExitDone;
}

}  // namespace

CommandAction set_up_describe(CLI::App& app) {
  const auto options = std::make_shared<DescribeOptions>();
  app.add_option("KEY", options->key, "a JSON pointer (/chip/array) or the name of a key (rows)");
  app.add_option("--file", options->kind,
                 "kind of file: run, sweep, chip, device, technology or trace")
      ->capture_default_str();
  app.add_option(
      "--operands", options->operands,
      "run file: list the files that run --operands DIR takes instead, one for each GEMM "
      "operand, with their shapes");
  app.add_flag("--schema", options->schema, "print the JSON Schema of that kind of file");
  app.add_flag("--markdown", options->markdown, "print a Markdown table");
  return [options](Console& console) { return describe(*options, console); };
}

}  // namespace mxsim
