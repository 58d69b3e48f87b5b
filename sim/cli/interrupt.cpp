#include "sim/cli/interrupt.h"

#include <sys/time.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstring>
#include <initializer_list>

#include "sim/cli/cli_command.h"
#include "sim/output/temporary_files.h"

namespace mxsim {
namespace {

constexpr suseconds_t kPatienceMicroseconds = 800'000;

std::atomic<const char*> last_words{nullptr};  ///< nullptr: signals end the program at once
volatile std::sig_atomic_t interrupted = 0;

void set_timer(suseconds_t microseconds) {
  itimerval timer{};
  timer.it_value.tv_usec = microseconds;
  setitimer(ITIMER_REAL, &timer, nullptr);
}

[[noreturn]] void end_now() {
  remove_temporaries();
  if (const char* words = last_words.load()) {
    [[maybe_unused]] const ssize_t told = write(STDERR_FILENO, words, std::strlen(words));
  }
  _exit(kExitFailure);
}

void take_signal(int) {
  if (last_words.load() == nullptr || interrupted != 0) end_now();
  interrupted = 1;
  set_timer(kPatienceMicroseconds);
}

void lose_patience(int) { end_now(); }

void handle(int signal, void (*handler)(int)) {
  struct sigaction action {};
  if (sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN) return;
  action = {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(signal, &action, nullptr);
}

void handle_all() {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) handle(signal, take_signal);
  handle(SIGALRM, lose_patience);
}

}  // namespace

void end_on_interrupt() {
  last_words = nullptr;
  handle_all();
}

void note_interrupts(const char* message) {
  interrupted = 0;
  last_words = message;
  handle_all();
}

void check_interrupt() {
  if (interrupted == 0) return;
  set_timer(0);
  throw Interrupted{};
}

}  // namespace mxsim
