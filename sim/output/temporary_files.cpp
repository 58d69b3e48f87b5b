#include "sim/output/temporary_files.h"

#include <unistd.h>

#include <array>
#include <atomic>

namespace mxsim {
namespace {

/// More files at once than any command has open; a file beyond them stays behind.
std::array<std::atomic<const char*>, 64> noted{};

}  // namespace

void note_temporary(const char* path) {
  for (std::atomic<const char*>& slot : noted) {
    const char* none = nullptr;
    if (slot.compare_exchange_strong(none, path)) return;
  }
}

void forget_temporary(const char* path) {
  for (std::atomic<const char*>& slot : noted) {
    const char* held = path;
    if (slot.compare_exchange_strong(held, nullptr)) return;
  }
}

void remove_temporaries() {
  for (std::atomic<const char*>& slot : noted) {
    if (const char* path = slot.load()) unlink(path);
  }
}

}  // namespace mxsim
