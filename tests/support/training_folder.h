#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "sim/json/strict_json.h"
#include "tests/support/command.h"
#include "tests/support/temporary_folder.h"

namespace mxsim::testing {

/// `mxsim train` of a run on data that lie in the same folder.
class TrainingFolder : public ::testing::Test {
 protected:
  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
  CommandResult train(const std::string& out, std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments{"train", run_,     "--data", folder_.path().string(),
                                       "--out", path(out)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_command(arguments);
  }
  std::string text(const std::string& name) const { return read_text_file(path(name)); }

  TemporaryFolder folder_;
  std::string run_;
};

}  // namespace mxsim::testing
