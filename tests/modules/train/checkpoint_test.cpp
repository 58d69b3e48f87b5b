// A training that ends after any epoch and goes on from its checkpoint.
#include "sim/train/checkpoint.h"

#include <gtest/gtest.h>

#include "sim/config/load.h"
#include "sim/json/strict_json.h"
#include "sim/npy/weight_archive.h"
#include "tests/support/small_data.h"

namespace mxsim {
namespace {

class Checkpoint : public ::testing::Test {
 protected:
  Checkpoint() {
    testing::write_quarters(folder_, 64, 16);
    config_ = load_config<RunConfig>(testing::write_quarters_run(folder_), {});
    data_ = read_dataset(folder_.path().string(), {1, 8, 8});
  }
  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
  static void ignore(std::int64_t, std::int64_t) {}

  TemporaryFolder folder_;
  RunConfig config_;
  Dataset data_;
  Workers workers_{2};
};

TEST_F(Checkpoint, GoesOnToTheSameBytes) {
  TrainingJob whole(config_, data_, workers_);
  TrainingState state = whole.begin(1);
  whole.run_epoch(state, 1, ignore);
  write_checkpoint(path("first.npz"), "run", state);
  whole.run_epoch(state, 1, ignore);
  write_checkpoint(path("whole.npz"), "run", state);

  TrainingJob resumed(config_, data_, workers_);
  TrainingState again = read_checkpoint(path("first.npz"), "run");
  EXPECT_EQ(again.epochs.size(), 1U);
  resumed.run_epoch(again, 1, ignore);
  write_checkpoint(path("resumed.npz"), "run", again);
  EXPECT_EQ(read_text_file(path("resumed.npz")), read_text_file(path("whole.npz")));
  EXPECT_NE(read_text_file(path("first.npz")), read_text_file(path("whole.npz")));
}

TEST_F(Checkpoint, HoldsParametersStatesAndAverages) {
  TrainingJob job(config_, data_, workers_);
  write_checkpoint(path("begun.npz"), "run", job.begin(3));
  const NetworkTensors tensors = read_weights(path("begun.npz"));
  std::vector<std::string> names;
  for (const auto& [name, values] : tensors) names.push_back(name);
  EXPECT_EQ(names, (std::vector<std::string>{"bn.bias", "bn.bias.momentum", "bn.running",
                                             "bn.weight", "bn.weight.momentum", "conv.weight",
                                             "conv.weight.momentum", "fc.bias", "fc.bias.momentum",
                                             "fc.weight", "fc.weight.momentum"}));
  EXPECT_EQ(tensors.at("bn.running"), (std::vector<float>{0, 0, 0, 0, 0, 1, 1, 1, 1, 1}));
}

TEST_F(Checkpoint, OfABrokenFileIsRefused) {
  TrainingJob job(config_, data_, workers_);
  write_checkpoint(path("good.npz"), "run", job.begin(3));
  const std::string good = read_text_file(path("good.npz"));
  for (const std::size_t length : {std::size_t{0}, std::size_t{10}, good.size() / 2}) {
    folder_.write("cut.npz", good.substr(0, length));
    EXPECT_THROW(read_checkpoint(path("cut.npz"), "run"), InputError) << length;
  }
  EXPECT_THROW(read_checkpoint(path("none.npz"), "run"), InputError);
}

TEST_F(Checkpoint, OrderOfSamplesIsAPermutationOfItsOwnForEverySeedAndEpoch) {
  std::vector<std::int64_t> order = sample_order(100, 1, 0);
  EXPECT_NE(order, sample_order(100, 2, 0));
  EXPECT_NE(order, sample_order(100, 1, 1));
  EXPECT_EQ(order, sample_order(100, 1, 0));
  std::sort(order.begin(), order.end());
  for (std::int64_t i = 0; i < 100; ++i) EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
}

}  // namespace
}  // namespace mxsim
