#include "sim/mappings/mapping_cache.h"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "models/mapping/search/gemm_mapper.h"
#include "models/workload/lower.h"
#include "sim/config/load.h"
#include "sim/config/run_config.h"
#include "sim/mappings/build_id.h"
#include "sim/mappings/mapping_bytes.h"
#include "sim/report/run_json.h"
#include "sim/run/run_once.h"
#include "tests/support/file_text.h"
#include "tests/support/temporary_folder.h"

namespace mxsim {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

RunConfig tiny(const std::vector<Override>& sets = {}) {
  return load_config<RunConfig>(MXSIM_ROOT "/configs/runs/tiny_cnn_train.json", sets);
}

/// The searches of a small network.
struct Searches {
  RunConfig config = tiny();
  OpList ops = lower(config.workload, lowering_policy(config));
  MapperChip chip = mapper_chip(config.chip, dram_device(config.chip.dram), ops);
  std::vector<SearchKey> keys;
  std::vector<GemmMapping> mappings;

  Searches() {
    chip.mapping.objective = MappingObjective::kLatency;
    for (const OpGroup& group : ops.groups) {
      for (const GemmWork& work : group.gemms) {
        keys.emplace_back(group, work, ops.tensors);
        mappings.push_back(map_gemm(group, work, ops.tensors, chip));
      }
    }
  }
};

MappingCache cache_of(const fs::path& folder, std::vector<std::string>* warnings = nullptr,
                      const std::string& program = "build 1") {
  return {folder.string(), program, [warnings](const std::string& text) {
            if (warnings != nullptr) warnings->push_back(text);
          }};
}

std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  return files;
}

TEST(MappingCache, GivesBackWhatItKeptToAnotherProcessOfTheSameBuild) {
  const TemporaryFolder folder;
  const Searches all;
  MappingCache first = cache_of(folder.path());
  std::set<std::string> different;
  for (std::size_t i = 0; i < all.keys.size(); ++i) {
    first.keep(all.chip, all.keys[i], all.mappings[i]);
    different.insert(search_bytes(all.chip, all.keys[i]));
  }
  EXPECT_THAT(files_in(folder.path()), SizeIs(different.size()));
  MappingCache second = cache_of(folder.path());
  MappingCache other_build = cache_of(folder.path(), nullptr, "build 2");
  for (std::size_t i = 0; i < all.keys.size(); ++i) {
    const auto found = second.find(all.chip, all.keys[i]);
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(mapping_bytes(*found), mapping_bytes(all.mappings[i]));
    EXPECT_EQ(found->tiling, all.mappings[i].tiling);
    EXPECT_EQ(found->cost.energy_pj, all.mappings[i].cost.energy_pj);
    EXPECT_EQ(found->predicted, all.mappings[i].predicted);
    EXPECT_FALSE(other_build.find(all.chip, all.keys[i]).has_value());
  }
}

TEST(MappingCache, WithoutAFolderRemembersInThisProcessAlone) {
  const Searches all;
  MappingCache cache = cache_of("");
  EXPECT_FALSE(cache.find(all.chip, all.keys[0]).has_value());
  cache.keep(all.chip, all.keys[0], all.mappings[0]);
  EXPECT_TRUE(cache.find(all.chip, all.keys[0]).has_value());
  EXPECT_EQ(cache.found(), 1u);
  EXPECT_EQ(cache.missed(), 1u);
}

TEST(SearchBytes, DifferForEveryValueThatTheSearchReads) {
  const Searches all;
  const std::vector<std::function<void(MapperChip&)>> changes{
      [](MapperChip&) {},
      [](MapperChip& c) { ++c.array.rows; },
      [](MapperChip& c) {
        c.array.dot_product.push_back({8, 2});
      },
      [](MapperChip& c) { c.array.dataflow.backward_data = Dataflow::kInputStationary; },
      [](MapperChip& c) {
        c.array.sums.push_back({{"mxsf"}, {}});
      },
      [](MapperChip& c) { c.array.timing = ArrayTiming::kScaleSim; },
      [](MapperChip& c) { c.input = c.input.without(Bytes(1024)); },
      [](MapperChip& c) { c.weight = c.weight.without(Bytes(1024)); },
      [](MapperChip& c) { c.accumulator = c.accumulator.without(Bytes(1024)); },
      [](MapperChip& c) { c.gradient = c.input; },
      [](MapperChip& c) { c.stream = c.input; },
      [](MapperChip& c) { ++c.vector.lanes; },
      [](MapperChip& c) { c.dram_burst_bytes *= 2; },
      [](MapperChip& c) { c.dram_bytes_per_cycle *= 1.0000001; },
      [](MapperChip& c) { c.mapping.objective = MappingObjective::kEnergy; },
      [](MapperChip& c) { c.mapping.prices.cycle = 1; },
      [](MapperChip& c) { ++c.around->clock_hz; },
      [](MapperChip& c) { ++c.around->dma.outstanding; },
      [](MapperChip& c) { ++c.around->dram.rules.back().cycles; },
      [](MapperChip& c) { c.around->dram.organisation.banks *= 2; },
      [](MapperChip& c) { c.around.reset(); },
  };
  std::set<std::string> seen;
  for (const auto& change : changes) {
    MapperChip changed = all.chip;
    change(changed);
    EXPECT_TRUE(seen.insert(search_bytes(changed, all.keys[0])).second) << seen.size();
  }
  SearchKey work = all.keys[0];
  work.work.zeros_a = 0.25;
  EXPECT_TRUE(seen.insert(search_bytes(all.chip, work)).second);
  SearchKey format = all.keys[0];
  format.work.format_a.rounding = Rounding::kStochastic;
  EXPECT_TRUE(seen.insert(search_bytes(all.chip, format)).second);
}

// What the search does not read: prices of the device, notes, a memo.
TEST(SearchBytes, AreEqualForChipsThatTheSearchCannotTellApart) {
  const Searches all;
  MapperChip other = all.chip;
  other.pieces = std::make_shared<WindowPiecesMemo>();
  other.around->dram.name = "another name";
  other.around->dram.energy = DramPerBit{1, 2, 3, 4, 5};
  other.around->dram.assumptions.push_back("something");
  EXPECT_EQ(search_bytes(other, all.keys[0]), search_bytes(all.chip, all.keys[0]));
}

TEST(MappingCache, ADamagedFileCountsAsMissingAndIsWrittenAgain) {
  const TemporaryFolder folder;
  const Searches all;
  std::vector<std::string> warnings;
  const auto find = [&] { return cache_of(folder.path(), &warnings).find(all.chip, all.keys[0]); };
  cache_of(folder.path()).keep(all.chip, all.keys[0], all.mappings[0]);
  const fs::path file = files_in(folder.path()).at(0);
  const std::string whole = content(file);
  ASSERT_TRUE(find().has_value());
  ASSERT_THAT(warnings, IsEmpty());
  std::size_t damaged = 0;
  for (std::size_t at = 0; at < whole.size(); at += 7) {
    std::string text = whole;
    text[at] = static_cast<char>(text[at] ^ 0x10);
    std::ofstream(file, std::ios::binary) << text;
    EXPECT_FALSE(find().has_value()) << at;
    std::ofstream(file, std::ios::binary) << whole.substr(0, at);
    EXPECT_FALSE(find().has_value()) << at;
    damaged += 2;
  }
  std::ofstream(file, std::ios::binary) << whole << 'x';
  EXPECT_FALSE(find().has_value());
  EXPECT_THAT(warnings, SizeIs(damaged + 1));
  EXPECT_THAT(warnings.front(), HasSubstr("damaged"));
  cache_of(folder.path()).keep(all.chip, all.keys[0], all.mappings[0]);
  EXPECT_EQ(content(file), whole);
}

/// A file under the name of a search that holds another search: two keys with one hash.
TEST(MappingCache, AnotherSearchUnderTheSameNameIsMissing) {
  const TemporaryFolder folder;
  const Searches all;
  std::vector<std::string> warnings;
  cache_of(folder.path()).keep(all.chip, all.keys[0], all.mappings[0]);
  const fs::path first = files_in(folder.path()).at(0);
  const std::string text = content(first);
  fs::remove(first);
  cache_of(folder.path()).keep(all.chip, all.keys[1], all.mappings[1]);
  std::ofstream(files_in(folder.path()).at(0), std::ios::binary) << text;
  EXPECT_FALSE(cache_of(folder.path(), &warnings).find(all.chip, all.keys[1]).has_value());
  EXPECT_THAT(warnings, IsEmpty());
}

/// Reads and writes what others read and write; how often it went wrong.
int busy_process(const fs::path& folder, const Searches& all, std::size_t begin) {
  std::vector<std::string> warnings;
  int faults = 0;
  for (int round = 0; round < 40; ++round) {
    MappingCache cache = cache_of(folder, &warnings);
    for (std::size_t i = 0; i < all.keys.size(); ++i) {
      const std::size_t at = (begin + i) % all.keys.size();
      const auto found = cache.find(all.chip, all.keys[at]);
      if (found && mapping_bytes(*found) != mapping_bytes(all.mappings[at])) ++faults;
      if (!found || round % 3 == 0) cache.keep(all.chip, all.keys[at], all.mappings[at]);
    }
  }
  return faults + static_cast<int>(warnings.size());
}

TEST(MappingCache, AnyNumberOfProcessesReadAndWriteIt) {
  const TemporaryFolder folder;
  const Searches all;
  std::vector<pid_t> processes;
  for (std::size_t i = 0; i < 6; ++i) {
    const pid_t process = fork();
    ASSERT_GE(process, 0);
    if (process == 0) _exit(busy_process(folder.path(), all, i * 3));
    processes.push_back(process);
  }
  for (const pid_t process : processes) {
    int status = 0;
    ASSERT_EQ(waitpid(process, &status, 0), process);
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
  }
  for (const fs::path& file : files_in(folder.path())) EXPECT_NE(file.extension(), ".tmp") << file;
}

TEST(MappingCache, AFolderThatCannotBeWrittenIsRefused) {
  const TemporaryFolder folder;
  const std::string file = folder.write("file", "");
  try {
    cache_of(file);
    FAIL();
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), HasSubstr(file + ": cannot be written"));
  }
}

class CachedRuns : public ::testing::TestWithParam<std::vector<Override>> {};

TEST_P(CachedRuns, HaveTheReportsOfSearchedOnes) {
  const TemporaryFolder folder;
  const RunConfig config = tiny(GetParam());
  const std::string searched = to_json(run_once(config)).dump();
  for (const bool warm : {false, true}) {
    MappingCache cache = cache_of(folder.path());
    const UseMappingStore use(cache);
    EXPECT_EQ(to_json(run_once(config)).dump(), searched);
    EXPECT_EQ(cache.missed() == 0, warm);
    EXPECT_GT(cache.found() + cache.missed(), 0u);
  }
  EXPECT_EQ(to_json(run_once(config)).dump(), searched);
}

INSTANTIATE_TEST_SUITE_P(
    Networks, CachedRuns,
    ::testing::Values(std::vector<Override>{},
                      std::vector<Override>{{"/mapping/dram_layout", "tile_major"}},
                      std::vector<Override>{{"/mapping/objective", "energy"}},
                      std::vector<Override>{{"/workload", MXSIM_ROOT "/traces/tiny_vit.json"}},
                      std::vector<Override>{{"/workload", MXSIM_ROOT "/traces/tiny_vit.json"},
                                            {"/mapping/fuse_attention", "on"}}));

TEST(BuildId, IsThatOfTheLinker) {
  const std::string id = build_id();
  EXPECT_THAT(id, SizeIs(40));
  EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos);
}

}  // namespace
}  // namespace mxsim
