// Attention in slices against the same step as a whole.
#include "models/workload/product_slices.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "models/formats/format_table.h"
#include "models/mapping/memory/residency.h"
#include "models/workload/group_tensors.h"
#include "models/workload/lower.h"
#include "models/workload/product_chains.h"
#include "tests/support/small_graphs.h"

namespace mxsim {
namespace {

constexpr std::int64_t kBatch = 3;
constexpr std::int64_t kHeads = 2;
constexpr std::int64_t kProducts = kBatch * kHeads;

Graph attention() {
  const RawAttributes features{{"out_features", {kHeads * 16}}};
  return GraphBuilder({13, 16})
      .layer("query", "linear", {"image"}, features)
      .layer("key", "linear", {"image"}, features)
      .layer("value", "linear", {"image"}, features)
      .layer("scores", "matmul", {"query", "key"}, {{"heads", {kHeads}}, {"transpose_b", {1}}})
      .layer("softmax", "softmax", {"scores"})
      .layer("context", "matmul", {"softmax", "value"}, {{"heads", {kHeads}}})
      .layer("flat", "flatten", {"context"})
      .layer("loss", "cross_entropy", {"flat"})
      .build();
}

/// One attention block.
OpList attention_step(Mode mode, const char* format) {
  LoweringPolicy policy;
  policy.mode = mode;
  policy.batch = kBatch;
  policy.wide = parse_format("bf16");
  policy.formats.format = parse_format(format);
  return lower(attention(), policy);
}

using Case = std::tuple<Mode, const char*>;

class ProductSlices : public ::testing::TestWithParam<Case> {
 protected:
  OpList whole_ = attention_step(std::get<0>(GetParam()), std::get<1>(GetParam()));
  Bytes room_ = least_slice_rooms(whole_).at(0);
  OpList sliced_ = slice_products(whole_, room_);
};

const StoredTensor& tensor(const OpList& ops, TensorId id) {
  return ops.tensors.at(static_cast<std::size_t>(id));
}

/// MACs and vector operations by layer and pass.
std::map<std::string, std::int64_t> work_of(const OpList& ops) {
  std::map<std::string, std::int64_t> work;
  for (const OpGroup& group : ops.groups) {
    const std::string place = group.layer + " " + std::string(to_string(group.pass));
    for (const GemmWork& gemm : group.gemms) work[place + " MAC"] += gemm.macs();
    for (const VectorOps& each : group.vector_ops) {
      work[place + " " + std::string(info(each.op).name)] +=
          each.per_element * group.elements() + each.per_row * group.rows;
    }
    work[place + " sums"] += static_cast<std::int64_t>(group.reduction_writes.size());
  }
  return work;
}

TEST_P(ProductSlices, DoTheWorkOfTheWhole) { EXPECT_EQ(work_of(sliced_), work_of(whole_)); }

TEST_P(ProductSlices, TakeEveryProductOnce) {
  std::map<std::string, std::set<std::int64_t>> products;
  std::map<std::string, std::int64_t> count;
  for (const OpGroup& group : sliced_.groups) {
    if (group.slices == 1 || group.gemms.empty()) continue;
    const GemmWork& work = group.gemms.front();
    const std::string place =
        group.layer + group.op + std::to_string(work.a_groups == GroupAxis::kRows) +
        std::to_string(static_cast<int>(work.kind)) + std::string(to_string(group.pass));
    for (std::int64_t i = 0; i < work.products(); ++i) {
      products[place].insert(work.first_product + i);
      ++count[place];
    }
  }
  ASSERT_GE(products.size(), 2u);
  for (const auto& [place, each] : products) {
    EXPECT_EQ(each.size(), static_cast<std::size_t>(kProducts)) << place;
    EXPECT_EQ(count[place] % kProducts, 0) << place;
  }
}

TEST_P(ProductSlices, ReadWhatIsWrittenBeforeAsTheWholeDoes) {
  std::set<TensorId> written;
  for (const OpGroup& group : sliced_.groups) {
    for (const TensorId id : tensors_written(group)) written.insert(id);
  }
  std::set<TensorId> there;
  for (const OpGroup& group : sliced_.groups) {
    for (const TensorId id : tensors_read(group)) {
      const bool part = tensor(sliced_, id).value_rows > 0;
      EXPECT_TRUE(!part || there.contains(id)) << group.layer << " " << tensor(sliced_, id).name;
    }
    for (const TensorId id : tensors_written(group)) there.insert(id);
  }
}

TEST_P(ProductSlices, CutTensorsIntoPartsThatMakeUpTheWhole) {
  std::map<std::string, std::int64_t> rows;
  for (const StoredTensor& each : sliced_.tensors) {
    if (each.value_rows == 0) continue;
    const std::string value = each.name.substr(0, each.name.find(" slice"));
    EXPECT_EQ(each.first_row, rows[value]) << "one below the other";
    rows[value] += each.rows;
  }
  ASSERT_FALSE(rows.empty());
  for (const StoredTensor& each : whole_.tensors) {
    if (!rows.contains(each.name)) continue;
    EXPECT_EQ(rows[each.name], each.rows) << each.name;
  }
}

TEST_P(ProductSlices, LeaveNothingBetweenTheGroupsOfAChainInDram) {
  const std::vector<KeptTensors> kept = kept_tensors(sliced_, plan_residency(sliced_, room_));
  for (std::size_t g = 0; g < sliced_.groups.size(); ++g) {
    const OpGroup& group = sliced_.groups[g];
    if (group.slices == 1 || group.pass != Pass::kForward) continue;
    for (const TensorId id : tensors_read(group)) {
      if (tensor(sliced_, id).value_rows == 0) continue;
      EXPECT_TRUE(kept[g].reads(id)) << tensor(sliced_, id).name;
    }
  }
}

TEST_P(ProductSlices, NeedRoomForOneProduct) {
  EXPECT_EQ(slice_products(whole_, room_ - Bytes(64)).groups.size(), whole_.groups.size());
  const OpList two = slice_products(whole_, room_ + room_);
  EXPECT_LT(two.groups.size(), sliced_.groups.size());
}

TEST_P(ProductSlices, BeginTheNextSliceBeforeTheLastProductsOfTheOneBefore) {
  std::vector<std::pair<std::string, std::int32_t>> order;
  for (const OpGroup& group : sliced_.groups) {
    if (group.slices > 1 && group.pass == Pass::kForward && order.size() < 6) {
      order.emplace_back(group.layer, group.slice);
    }
  }
  const std::vector<std::pair<std::string, std::int32_t>> expected{
      {"scores", 0}, {"softmax", 0}, {"scores", 1}, {"context", 0}, {"softmax", 1}, {"scores", 2}};
  EXPECT_EQ(order, expected);
}

INSTANTIATE_TEST_SUITE_P(ModesAndFormats, ProductSlices,
                         ::testing::Combine(::testing::Values(Mode::kInfer, Mode::kTrain),
                                            ::testing::Values("mxsf", "mxfp8_e4m3", "bf16")),
                         [](const auto& each) {
                           return std::string(std::get<0>(each.param) == Mode::kInfer ? "infer_"
                                                                                      : "train_") +
                                  std::get<1>(each.param);
                         });

}  // namespace
}  // namespace mxsim
