#include "models/mapping/search/search_key.h"

#include <gtest/gtest.h>

#include <functional>

#include "models/formats/format_table.h"
#include "tests/support/sample_work.h"

namespace mxsim {
namespace {

struct Case {
  OpList ops = testing::sample_work(parse_format("mxsf"), {8, 8});
  std::size_t group = 0;
  KeptTensors kept = {};

  Case() {
    while (ops.groups[group].gemms.empty()) ++group;
  }
  OpGroup& work_group() { return ops.groups[group]; }
  GemmWork& work() { return work_group().gemms.front(); }
  SearchKey key() const {
    return {ops.groups[group], ops.groups[group].gemms.front(), ops.tensors, kept};
  }
};

// One change after another, each of something that the search looks at.
TEST(SearchKeyTest, TellsApartWhateverDecidesAMapping) {
  const std::vector<std::function<void(Case&)>> changes{
      [](Case& c) { c.work().role_a = TensorRole::kGradient; },
      [](Case& c) { c.work().role_b = TensorRole::kGradient; },
      [](Case& c) { c.work().b_orientation = Orientation::kTransposed; },
      [](Case& c) {
        c.work().block_a = {1, 32};
      },
      [](Case& c) { c.work().format_b = parse_format("bf16"); },
      [](Case& c) { c.work().a_groups = GroupAxis::kRows; },
      [](Case& c) { ++c.work().h.pad; },
      [](Case& c) { ++c.work().w.tap_step; },
      [](Case& c) { c.work_group().pass = Pass::kBackwardData; },
      [](Case& c) {
        c.work_group().vector_ops.push_back({Event::kVectorExp, 1});
      },
      [](Case& c) { c.work_group().streamed_reads.push_back(c.work().a); },
      [](Case& c) { c.work_group().broadcast_reads.push_back(c.work().a); },
      [](Case& c) { c.work_group().reduction_writes.push_back(c.work_group().writes.front()); },
      [](Case& c) { c.kept.read.insert(c.work().a); },
      [](Case& c) { c.kept.written.insert(c.work_group().writes.front().tensor); },
      [](Case& c) { c.kept.copied.insert(c.work_group().writes.front().tensor); },
      [](Case& c) {
        c.ops.tensors[static_cast<std::size_t>(c.work().a)].layout.block = {1, 32};
      },
  };
  std::vector<SearchKey> keys{Case().key()};
  for (const auto& change : changes) {
    Case changed;
    change(changed);
    keys.push_back(changed.key());
  }
  for (std::size_t i = 0; i < keys.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) EXPECT_NE(keys[i], keys[k]) << i << " and " << k;
  }
}

TEST(SearchKeyTest, IsTheSameForOtherNamesNumbersAndSlices) {
  Case other;
  const SearchKey key = Case().key();
  other.ops.tensors.insert(other.ops.tensors.begin(), StoredTensor{});
  for (OpGroup& group : other.ops.groups) {
    for (GemmWork& work : group.gemms) {
      ++work.a;
      ++work.b;
    }
    for (TensorId& id : group.streamed_reads) ++id;
    for (TensorId& id : group.broadcast_reads) ++id;
    for (TensorWrite& write : group.writes) ++write.tensor;
    for (TensorWrite& write : group.reduction_writes) ++write.tensor;
  }
  for (StoredTensor& tensor : other.ops.tensors) {
    tensor.name += "2";
    tensor.first_row += 8;
  }
  other.work().first_product = 2;
  EXPECT_EQ(other.key(), key);
  EXPECT_EQ(SearchKey::Hash()(other.key()), SearchKey::Hash()(key));
}

}  // namespace
}  // namespace mxsim
