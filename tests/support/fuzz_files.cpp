#include <sys/mman.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "sim/data/byte_file.h"
#include "sim/dram/trace_reader.h"
#include "sim/import/onnx/onnx_import.h"
#include "sim/import/scalesim_topology.h"
#include "sim/json/strict_json.h"
#include "sim/npy/npy_array.h"
#include "sim/npy/weight_archive.h"
#include "sim/train/checkpoint.h"
#include "tests/support/fuzz_parts.h"

namespace mxsim {
namespace {

namespace fs = std::filesystem;

/// A file in memory with that content, for readers that take a path.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view content) : descriptor_(memfd_create("fuzz", 0)) {
    if (descriptor_ < 0) throw std::runtime_error("no file in memory");
    while (!content.empty()) {
      const ssize_t written = write(descriptor_, content.data(), content.size());
      if (written <= 0) throw std::runtime_error("no memory for a file");
      content.remove_prefix(static_cast<std::size_t>(written));
    }
  }
  ~MemoryFile() { close(descriptor_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
};

std::string npy_of(const std::string& descr, const std::string& shape, std::size_t bytes) {
  std::string header =
      "{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + ", }";
  header.append(63 - (10 + header.size()) % 64, ' ');
  header += '\n';
  std::string file("\x93NUMPY\x01\x00", 8);
  file += static_cast<char>(header.size() & 0xff);
  file += static_cast<char>(header.size() >> 8);
  return file + header + std::string(bytes, '\1');
}

void add_foreign_files(std::vector<FuzzTarget>& targets) {
  targets.push_back(
      {"scalesim",
       [](std::string_view input) { refusing([&] { read_scalesim_topology(input, "fuzz"); }); },
       [] { return files_of("tests/data/import", ".csv"); }});
  targets.push_back({"onnx",
                     [](std::string_view input) {
                       const MemoryFile file(input);
                       refusing([&] { import_onnx(file.path(), "fuzz", {}); });
                     },
                     [] { return files_of("tests/data/import", ".onnx"); }});
  targets.push_back(
      {"dram_trace",
       [](std::string_view input) {
         const MemoryFile file(input);
         refusing([&] { read_trace(file.path(), {1 << 20}, [](const TraceRequest&) {}); });
       },
       [] {
         return std::vector<std::string>{"# comment\n0x0 READ 0\n0x40 WRITE 5\n\n0X80 READ 5\r\n",
                                         "0x0 READ 0", std::string("\x1f\x8b\x08\0", 4)};
       }});
}

/// A folder in memory would need a file system: the reader of packed bytes alone.
void read_packed_bytes(std::string_view input) {
  const std::string path = (fs::temp_directory_path() / "mxsim_fuzz.gz").string();
  std::ofstream(path, std::ios::binary) << input;
  refusing([&] { read_bytes(path, std::size_t{1} << 20); });
}

void add_arrays(std::vector<FuzzTarget>& targets) {
  targets.push_back({"packed_bytes", read_packed_bytes, [] {
                       return std::vector<std::string>{
                           std::string("\x1f\x8b\x08\0\0\0\0\0\0\x03\x4b\x4c\x04\0", 14) +
                           std::string("\xbe\x6c\x8f\x76\x02\0\0\0", 8)};
                     }});
  targets.push_back({"npy",
                     [](std::string_view input) {
                       const MemoryFile file(input);
                       refusing([&] { read_npy(file.path()); });
                     },
                     [] {
                       return std::vector<std::string>{
                           npy_of("<f4", "(2, 3)", 24), npy_of(">f8", "(1, 2)", 16),
                           npy_of("|u1", "(4,)", 4), npy_of("", "()", 0),
                           npy_of("<f4", "(9223372036854775807, 2)", 8)};
                     }});
  targets.push_back({"weights",
                     [](std::string_view input) {
                       const MemoryFile file(input);
                       refusing([&] { read_weights(file.path()); });
                       refusing([&] { read_checkpoint(file.path(), "0"); });
                     },
                     [] {
                       // An archive with one stored member.
                       const TrainingState state{{{"w", {1, 2, 3}}}, {{0.5, 1.5}}};
                       const std::string path = fs::temp_directory_path() / "mxsim_fuzz_seed.npz";
                       write_checkpoint(path, "0", state);
                       std::vector<std::string> seeds{read_text_file(path)};
                       fs::remove(path);
                       return seeds;
                     }});
}

}  // namespace

std::vector<FuzzTarget> file_targets() {
  std::vector<FuzzTarget> targets;
  add_foreign_files(targets);
  add_arrays(targets);
  return targets;
}

}  // namespace mxsim
