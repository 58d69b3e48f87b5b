#include "models/memory/built_buffer.h"

#include <gtest/gtest.h>

namespace mxsim {
namespace {

using enum BufferRole;

BufferSpec scratchpad() {
  BufferSpec spec{Bytes(32 * 4096), 32};
  spec.width_bits = 64;
  spec.roles = {kActivations, kWeights, kAccumulators};
  spec.role_banks = {8, 8, 16};
  return spec;
}

TEST(SramGeometry, OfAWholeBufferSplitsItsBanksBetweenTheHalvesOfThePair) {
  const SramGeometry geometry(BufferSpec{Bytes(4096), 4, 32}, 8);
  EXPECT_EQ(geometry.word_bits(), 256);
  EXPECT_EQ(geometry.slots(), 2);
  EXPECT_EQ(geometry.words_per_cycle(), 2);
  EXPECT_EQ(geometry.slot_bytes(), Bytes(2048));
  EXPECT_EQ(geometry.transfer_cycles(Bytes(100), Bytes(1)), Cycles(3));
}

TEST(SramGeometry, RoundsWordsUpToAPowerOfTwoUnlessTheyAreGiven) {
  EXPECT_EQ(SramGeometry(BufferSpec{Bytes(4096), 4, 5}, 6).word_bits(), 32);
  BufferSpec given{Bytes(4096), 4, 5};
  given.width_bits = 48;
  EXPECT_EQ(SramGeometry(given, 6).word_bits(), 48);
}

TEST(SramGeometry, HasAsManyWordsACycleAsPortsAreOpenToASlot) {
  BufferSpec spec{Bytes(4096), 8, 32};
  spec.ports = 2;
  EXPECT_EQ(SramGeometry(spec, 8).words_per_cycle(), 8);
  spec.slots = 4;
  EXPECT_EQ(SramGeometry(spec, 8).words_per_cycle(), 4);
  EXPECT_EQ(SramGeometry(spec, 8).slot_bytes(), Bytes(1024));
}

TEST(SramGeometry, GivesEachSlotWholeBanks) {
  const SramGeometry geometry(BufferSpec{Bytes(25 * 4096), 25, 32}, 8);
  EXPECT_EQ(geometry.slots(), 2);
  EXPECT_EQ(geometry.words_per_cycle(), 12);
  EXPECT_EQ(geometry.slot_bytes(), Bytes(12 * 4096));
  BufferSpec interleaved{Bytes(25 * 4096), 25, 32};
  interleaved.layout = BufferLayout::kInterleaved;
  EXPECT_EQ(SramGeometry(interleaved, 8).slot_bytes(), Bytes(25 * 4096 / 2));
}

TEST(BuiltBuffers, GiveEachRoleItsPartAndWordsWideEnoughForAll) {
  const std::vector<BuiltBuffer> built =
      built_buffers({{"shared", scratchpad()}}, {{8}, {16}, {32}});
  ASSERT_EQ(built.size(), 1u);
  EXPECT_EQ(built[0].word_bits, 64);
  EXPECT_EQ(geometry_of(Unit::kSramInput, built)->bytes(), Bytes(8 * 4096));
  EXPECT_EQ(geometry_of(Unit::kSramAccumulator, built)->bytes(), Bytes(16 * 4096));
  EXPECT_EQ(geometry_of(Unit::kSramAccumulator, built)->words_per_cycle(), 8);
  EXPECT_FALSE(geometry_of(Unit::kSramGradient, built).has_value());
  const std::vector<BuiltBuffer> separate =
      built_buffers(separate_buffers({Bytes(65536), 4, 32}, {Bytes(65536), 4, 32}, {}),
                    {{8}, {16}, {32, 38 * 32}});
  for (const BuiltBuffer& buffer : separate) {
    EXPECT_EQ(buffer.word_bits, buffer.name == "input"    ? 256
                                : buffer.name == "weight" ? 512
                                                          : 38 * 32);
  }
}

/// Results of streams are FP32, as sums are, but each array has sums of its own.
TEST(BuiltBuffers, StreamsHaveWordsOfSumsInOneGroupOfBanks) {
  BufferSet buffers = separate_buffers({}, {}, {});
  buffers["stream"] = {Bytes(32768), 4};
  buffers["stream"].roles = {kStreams};
  const std::vector<BuiltBuffer> built = built_buffers(buffers, {{8}, {16}, {32, 1024, 6}});
  const SramGeometry stream = geometry_of(Unit::kSramStream, built).value();
  EXPECT_EQ(stream.word_bits(), 1024);
  EXPECT_EQ(stream.groups(), 1);
  EXPECT_EQ(stream.slot_bytes(), Bytes(16384));
  EXPECT_EQ(geometry_of(Unit::kSramAccumulator, built)->groups(), 6);
}

TEST(BuiltBuffers, HoldTheLongestVectorInAWordUnlessTheWordIsStated) {
  const auto word = [](const BufferSpec& spec, std::int64_t bits, std::int64_t vector_bits) {
    return sram_word_bits(spec, {bits, vector_bits});
  };
  EXPECT_EQ(word({Bytes(65536), 4}, 6, 37 * 6), 224);
  EXPECT_EQ(word({Bytes(65536), 4, 32}, 6, 37 * 6), 192);
  BufferSpec stated{Bytes(65536), 4};
  stated.width_bits = 64;
  EXPECT_EQ(word(stated, 6, 37 * 6), 64);
  EXPECT_EQ(word({Bytes(64), 4}, 8, 1024), 128) << "a bank of 16 bytes";
  BufferSpec shared{Bytes(65536), 4};
  shared.roles = {kActivations, kGradients};
  EXPECT_EQ(built_buffers({{"shared", shared}}, {{8, 64}, {8, 96}, {32, 1024}})[0].word_bits, 96);
}

}  // namespace
}  // namespace mxsim
