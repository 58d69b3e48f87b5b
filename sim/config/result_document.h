#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace mxsim {

/// A result that another command wrote, by its kind:
///   run, compare, training, eval   the JSON as it is
///   timeline                       the Chrome trace of `run --timeline`
///   points                         results.jsonl of sweep and explore as a table: {"columns",
///                                  "settings" (names of columns), "rows", "failed" (a number)}
///   hypervolume                    hypervolume.csv of explore: {"columns", "rows"}
struct ResultDocument {
  std::string kind;
  std::string name;  ///< of its file
  std::shared_ptr<const nlohmann::json> data;
};

/// The results in a file, or in a folder that a command wrote, in the order of their names. Throws
/// InputError when there are none or a file is broken.
std::vector<ResultDocument> load_results(const std::string& path);

}  // namespace mxsim
