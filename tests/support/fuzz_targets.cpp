#include "tests/support/fuzz_targets.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <stdexcept>

#include "models/core/error.h"
#include "models/core/safe_text.h"
#include "models/formats/format_parser.h"
#include "models/workload/layer_pattern.h"
#include "sim/config/address_bits.h"
#include "sim/config/dram_formula.h"
#include "sim/config/file_kind.h"
#include "sim/config/load.h"
#include "sim/config/result_line.h"
#include "sim/config/run_config.h"
#include "sim/config/strict_json.h"
#include "sim/config/trace_reader.h"
#include "sim/dram/trace_reader.h"
#include "sim/import/onnx/onnx_import.h"
#include "sim/import/scalesim_topology.h"
#include "sim/npy/npy_array.h"
#include "sim/run/run_once.h"
#include "sim/train/checkpoint.h"

namespace mxsim {
namespace {

namespace fs = std::filesystem;

template <class Action>
void refusing(Action action) {
  try {
    action();
  } catch (const InputError&) {
  }
}

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

std::vector<std::string> files(const std::string& folder, const std::string& extension) {
  std::vector<std::string> contents;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    constexpr std::uintmax_t kLargest = 64 * 1024;
    const bool fits = entry.is_regular_file() && entry.file_size() <= kLargest;
    if (fits && entry.path().extension() == extension) {
      contents.push_back(read_text_file(entry.path().string()));
    }
  }
  return contents;
}

/// The kinds of file are told apart by their keys; names in them are relative to `place`.
FuzzTarget config_files(const std::string& folder) {
  return {folder,
          [folder](std::string_view input) {
            refusing([&] {
              const Document document =
                  Document::parse(std::string(input), "configs/" + folder + "/fuzz.json");
              kind_of(document).check(document);
            });
          },
          [folder] { return files("configs/" + folder, ".json"); }};
}

/// Lines "/pointer=value" over the smallest run: loaded, mapped, placed and, if small, run.
void run_with_settings(std::string_view input) {
  refusing([&] {
    constexpr std::int64_t kMostMacs = 100'000'000;
    std::vector<Override> overrides;
    while (!input.empty()) {
      const std::size_t end = std::min(input.find('\n'), input.size());
      if (end > 0) overrides.push_back(parse_override(input.substr(0, end)));
      input.remove_prefix(std::min(end + 1, input.size()));
    }
    const auto run = load_config<RunConfig>("configs/runs/tiny_cnn_train.json", overrides);
    check_placement(run);
    const bool small = run.batch <= 4 && run.workload.macs.value_or(kMostMacs) < kMostMacs &&
                       run.fidelity == Fidelity::kTile && run.generate == 0;
    if (small) run_once(run);
  });
}

std::vector<std::string> hostile_settings() {
  std::vector<std::string> lines;
  for (const Field& field : describe_fields<RunConfig>()) {
    for (const char* value : {"0", "-1", "1", "3", "1e18", "9223372036854775807", "null", "[]",
                              "{}", "\"\"", "true", "0.5"}) {
      std::string pointer = field.pointer;
      for (std::size_t at = pointer.find('*'); at != std::string::npos; at = pointer.find('*')) {
        pointer.replace(at, 1, "0");
      }
      lines.push_back(pointer + "=" + value + "\n");
    }
  }
  return lines;
}

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

void add_documents(std::vector<FuzzTarget>& targets) {
  for (const char* folder : {"runs", "chips", "dram", "technology", "sweeps", "explorations"}) {
    targets.push_back(config_files(folder));
  }
  targets.push_back({"trace",
                     [](std::string_view input) {
                       refusing([&] {
                         const Document document =
                             Document::parse(std::string(input), "traces/fuzz.json");
                         load_config<Graph>(document);
                       });
                     },
                     [] { return files("traces", ".json"); }});
  targets.push_back({"settings", run_with_settings, hostile_settings});
}

void add_foreign_files(std::vector<FuzzTarget>& targets) {
  targets.push_back(
      {"scalesim",
       [](std::string_view input) { refusing([&] { read_scalesim_topology(input, "fuzz"); }); },
       [] { return files("tests/data/import", ".csv"); }});
  targets.push_back({"onnx",
                     [](std::string_view input) {
                       const MemoryFile file(input);
                       refusing([&] { import_onnx(file.path(), "fuzz", {}); });
                     },
                     [] { return files("tests/data/import", ".onnx"); }});
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

void add_arrays(std::vector<FuzzTarget>& targets) {
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

void add_texts(std::vector<FuzzTarget>& targets) {
  targets.push_back({"format",
                     [](std::string_view input) { refusing([&] { parse_format(input); }); },
                     [] {
                       return std::vector<std::string>{"mxsf",
                                                       "mxfp8_e4m3",
                                                       "e4m3b7fn",
                                                       "int8",
                                                       "e2m1fin,e4m3fn_t16",
                                                       "uint4,e5m10_uint4_t64d1",
                                                       "e2m1,e8m0_t32s8o2",
                                                       "cb41_x",
                                                       "mxsf:k=1,k=2"};
                     }});
  targets.push_back({"pattern",
                     [](std::string_view input) {
                       refusing([&] {
                         std::string captured;
                         LayerPattern(std::string(input)).matches("layer1.0.conv2", captured);
                       });
                     },
                     [] {
                       return std::vector<std::string>{"(b\\d+)\\..*", "(.|.|.|.)*y", "((((",
                                                       "[^a]{3,}", "(?i)a|b"};
                     }});
  targets.push_back({"texts",
                     [](std::string_view input) {
                       if (unsafe_place(escaped(input))) throw std::logic_error("an unsafe text");
                       refusing([&] { parse_override(input); });
                       refusing([&] { evaluate_formula(input, {{"tRP", 3}, {"WL", 1}}); });
                       address_bits(input);
                       read_result_line(std::string(input));
                       is_signed_result_line(input);
                     },
                     [] {
                       return std::vector<std::string>{
                           "/a/b~1c=3", "2*tRP - 1 + WL", "row:3 ^ bank:1",
                           R"({"point":1,"sweep":"a","status":"failed","settings":{},"error":"x"})",
                           "\xe2\x80\xae\x1b[31m"};
                     }});
}

std::vector<FuzzTarget> all_targets() {
  std::vector<FuzzTarget> targets;
  add_documents(targets);
  add_foreign_files(targets);
  add_arrays(targets);
  add_texts(targets);
  return targets;
}

}  // namespace

const std::vector<FuzzTarget>& fuzz_targets() {
  static const std::vector<FuzzTarget> targets = all_targets();
  return targets;
}

const FuzzTarget& fuzz_target(const std::string& name) {
  for (const FuzzTarget& target : fuzz_targets()) {
    if (target.name == name) return target;
  }
  throw std::out_of_range("no fuzz target \"" + name + "\"");
}

}  // namespace mxsim
