#include "tests/support/running_program.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <stdexcept>

namespace mxsim {

RunningProgram::RunningProgram(const std::vector<std::string>& arguments) {
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  for (const int descriptor : {STDOUT_FILENO, STDERR_FILENO}) {
    posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_WRONLY, 0);
  }
  const int failed = posix_spawnp(&process_, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) throw std::runtime_error("cannot start " + arguments.front());
}

RunningProgram::~RunningProgram() {
  kill(SIGKILL);
  wait();
}

bool RunningProgram::running() {
  if (!ended_) ended_ = waitpid(process_, &status_, WNOHANG) == process_;
  return !ended_;
}

std::vector<pid_t> RunningProgram::children() const {
  const std::string id = std::to_string(process_);
  std::ifstream file("/proc/" + id + "/task/" + id + "/children");
  std::vector<pid_t> children;
  for (pid_t child = 0; file >> child;) children.push_back(child);
  return children;
}

bool RunningProgram::catches(int signal) const {
  std::ifstream file("/proc/" + std::to_string(process_) + "/status");
  for (std::string key; file >> key;) {
    if (key != "SigCgt:") continue;
    unsigned long long caught = 0;
    file >> std::hex >> caught;
    return (caught >> (signal - 1) & 1) != 0;
  }
  return false;
}

void RunningProgram::kill(int signal) const {
  if (!ended_) ::kill(process_, signal);
}

int RunningProgram::wait() {
  if (!ended_) waitpid(process_, &status_, 0);
  ended_ = true;
  return WIFSIGNALED(status_) ? 128 + WTERMSIG(status_) : WEXITSTATUS(status_);
}

}  // namespace mxsim
