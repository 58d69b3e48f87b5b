// The entry of libFuzzer: MXSIM_FUZZ_TARGET names one of fuzz_targets(). Run in the repository's
// root; an empty corpus folder given first is filled with the target's seeds.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <systemc>

#include "tests/support/fuzz_targets.h"

int sc_main(int, char**) { return 0; }

namespace {

const mxsim::FuzzTarget& target() {
  static const mxsim::FuzzTarget& chosen = [&]() -> const mxsim::FuzzTarget& {
    const char* name = std::getenv("MXSIM_FUZZ_TARGET");
    return mxsim::fuzz_target(name == nullptr ? "" : name);
  }();
  return chosen;
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* count, char*** arguments) {
  namespace fs = std::filesystem;
  for (int i = 1; i < *count; ++i) {
    const fs::path corpus = (*arguments)[i];
    if (!fs::is_directory(corpus) || !fs::is_empty(corpus)) continue;
    int number = 0;
    for (const std::string& seed : target().seeds()) {
      std::ofstream(corpus / ("seed" + std::to_string(number++)), std::ios::binary) << seed;
    }
    break;
  }
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  target().run({reinterpret_cast<const char*>(data), size});
  return 0;
}
