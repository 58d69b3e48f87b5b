#include <gtest/gtest.h>

#include "models/formats/format_table.h"
#include "models/mapping/memory/traffic_bound.h"
#include "models/mapping/program/stream_program.h"
#include "models/memory/sram_geometry.h"

namespace mxsim {
namespace {

MapperChip chip() {
  const SramGeometry buffer(BufferSpec{Bytes(65536), 4, 32}, 32);
  return {ArraySpec{}, buffer, buffer, buffer, VectorSpec{}, 32, 8.0};
}

/// rows x cols read in BF16 and stored in `format`.
OpList stream(const FormatSpec& format, std::int64_t rows, std::int64_t cols) {
  OpList ops;
  ops.tensors.push_back(
      {"in", TensorRole::kActivation, rows, cols, {parse_format("bf16"), {1, 1}}});
  ops.tensors.push_back(
      {"out", TensorRole::kActivation, rows, cols, {format, format.default_block}});
  OpGroup group;
  group.rows = rows;
  group.cols = cols;
  group.vector_ops = {{Event::kVectorAdd, 1}};
  group.streamed_reads = {0};
  group.writes = {{1, Encoding::kQuantize}};
  ops.groups = {group};
  return ops;
}

// Also where a block is a whole tensor or a whole axis of it.
TEST(StreamChunkTest, IsSomeOfTheStreamForEveryFormatAndShape) {
  for (const FormatSpec& format : format_table()) {
    for (const std::int64_t rows : {1, 7, 512, 100'000}) {
      for (const std::int64_t cols : {1, 10, 512, 4096}) {
        const OpList ops = stream(format, rows, cols);
        const std::int64_t chunk = chunk_elements(ops, ops.groups[0], chip());
        ASSERT_GE(2 * chunk, std::min<std::int64_t>(64, rows * cols)) << format.name;
        ASSERT_LE(chunk, std::max<std::int64_t>(64, rows * cols)) << format.name;
        ASSERT_LE(chunk * 4, chip().accumulator.slot_bytes().count()) << format.name;
      }
    }
  }
}

// A slot of 1 KiB holds 256 results in FP32, and no whole rows of blocks.
TEST(StreamChunkTest, FitsTheBufferThatResultsPass) {
  const OpList ops = stream(parse_format("mxsf"), 512, 512);
  MapperChip with = chip();
  EXPECT_EQ(chunk_elements(ops, ops.groups[0], with), 8192);
  with.stream = SramGeometry(BufferSpec{Bytes(2048), 4, 32}, 32);
  EXPECT_EQ(with.stream_buffer(), Unit::kSramStream);
  EXPECT_EQ(chunk_elements(ops, ops.groups[0], with), 256);
}

// 65536 elements of a byte and one scale of four.
TEST(StreamChunkTest, OneScaleATensorIsCountedOnceInTheBound) {
  for (const char* name : {"int8", "uint8"}) {
    const OpList ops = stream(parse_format(name), 256, 256);
    const std::int64_t written = traffic_bound(ops, ops.groups[0], Bytes(65536)).written.count();
    EXPECT_GE(written, 65536) << name;
    EXPECT_LE(written, ops.tensors[1].bytes().count()) << name;
  }
}

}  // namespace
}  // namespace mxsim
