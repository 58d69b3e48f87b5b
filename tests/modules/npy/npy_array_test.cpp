#include "sim/npy/npy_array.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <string>

#include "models/core/error.h"
#include "sim/npy/npy_floats.h"
#include "tests/support/temporary_folder.h"

namespace mxsim {
namespace {

std::string npy(const std::string& dictionary, const std::string& data) {
  std::string file("\x93NUMPY\x01\x00", 8);
  file += static_cast<char>(dictionary.size() & 0xff);
  file += static_cast<char>(dictionary.size() >> 8);
  return file + dictionary + data;
}

std::string dictionary(const std::string& descr, const std::string& order,
                       const std::string& shape) {
  return "{'descr': '" + descr + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }\n";
}

template <class T>
std::string raw(std::initializer_list<T> values) {
  std::string bytes(values.size() * sizeof(T), '\0');
  std::memcpy(bytes.data(), values.begin(), bytes.size());
  return bytes;
}

std::vector<float> floats_of(const std::string& content) {
  const TemporaryFolder folder;
  const std::string path = folder.write("a.npy", content);
  return to_floats(read_npy(path), path, Float64Rounding::kNearestEven);
}

TEST(NpyArray, AWrittenHeaderReadsBack) {
  const TemporaryFolder folder;
  for (const Shape& shape : {Shape{6}, Shape{2, 3}, Shape{1, 2, 3}}) {
    const std::string header = npy_header(NpyType::kFloat32, shape);
    EXPECT_EQ(header.size() % 64, 0u);
    const std::string path = folder.write("a.npy", header + std::string(24, '\0'));
    EXPECT_EQ(read_npy(path).shape, shape);
  }
}

TEST(NpyArray, HalfAndDoubleAndBigEndianAndFortranOrderAreRead) {
  EXPECT_EQ(
      floats_of(npy(dictionary("<f2", "False", "(2,)"), raw<std::uint16_t>({0x3c00, 0x0001}))),
      (std::vector<float>{1.0f, 0x1p-24f}));
  for (const char* descr : {"<V2", "|V2"}) {  // bfloat16
    EXPECT_EQ(
        floats_of(npy(dictionary(descr, "False", "(2,)"), raw<std::uint16_t>({0x3f80, 0xc049}))),
        (std::vector<float>{1.0f, -3.140625f}));
  }
  EXPECT_EQ(floats_of(npy(dictionary(">V2", "False", "(1,)"), std::string("\x3f\x80", 2))),
            (std::vector<float>{1.0f}));
  EXPECT_EQ(floats_of(npy(dictionary("<f8", "False", "(1, 2)"), raw<double>({1.5, -2.0}))),
            (std::vector<float>{1.5f, -2.0f}));
  EXPECT_EQ(floats_of(npy(dictionary(">f4", "False", "(1, 1)"), std::string("\x3f\x80\0\0", 4))),
            (std::vector<float>{1.0f}));
  EXPECT_EQ(floats_of(npy(dictionary("<f4", "True", "(2, 3)"), raw<float>({1, 4, 2, 5, 3, 6}))),
            (std::vector<float>{1, 2, 3, 4, 5, 6}));
}

// 1 + 2^-24 + 2^-50 is above the midpoint of float32 neighbours that ends in an even code.
TEST(NpyArray, RoundingToOddKeepsWhatASecondRoundingNeeds) {
  const TemporaryFolder folder;
  const double above_tie = 1.0078125 + 0x1p-50;
  const std::string path = folder.write(
      "a.npy", npy(dictionary("<f8", "False", "(3,)"), raw<double>({above_tie, -above_tie, 0.25})));
  const auto values = to_floats(read_npy(path), path, Float64Rounding::kToOdd);
  EXPECT_EQ(values, (std::vector<float>{std::nextafter(1.0078125f, 2.0f),
                                        -std::nextafter(1.0078125f, 2.0f), 0.25f}));
}

struct Hostile {
  std::string content;
  std::string message;
};

TEST(NpyArray, HostileFilesAreRefusedByName) {
  const std::string one = raw<float>({1});
  const std::string good = dictionary("<f4", "False", "(1,)");
  const Hostile kHostile[] = {
      {"", "not a .npy file: too short"},
      {"PK\x03\x04 a zip archive", "an .npz archive: unpack it and name one of its .npy files"},
      {"\x93NUMPX\x01\x01 and more", "not a .npy file: wrong magic bytes"},
      {std::string("\x93NUMPY\x09\x00\x01\x00", 10), "unknown .npy format version"},
      {std::string("\x93NUMPY\x01\x00\xff\xff", 10), "truncated"},
      {std::string("\x93NUMPY\x02\x00\xff\xff\xff\xff", 12), "the header is longer than 64 KiB"},
      {npy(good, ""), "truncated"},
      {npy(good, one + one), "bytes after the last element"},
      {npy(dictionary("<f4", "False", "()"), one),
       "a 0-dimensional array: expected rows and columns"},
      {npy(dictionary("<f4", "False", "(0, 4)"), ""), "an array without elements"},
      {npy(dictionary("<f4", "False", "(4611686018427387904, 8)"), one), "truncated"},
      {npy(dictionary("<f4", "False", "(-1,)"), one),
       "an extent of the shape is not an integer in 0..2^62"},
      {npy(dictionary("<f4", "False", "(99999999999999999999,)"), one),
       "an extent of the shape is not an integer in 0..2^62"},
      {npy(dictionary("<f4", "Maybe", "(1,)"), one), "fortran_order is not True or False"},
      {npy(dictionary("<f4", "True", "(1, 1, 1)"), one),
       "Fortran order is supported up to two dimensions: save it in C order"},
      {npy(dictionary("<c8", "False", "(1,)"), one + one),
       "elements of type \"<c8\" are not supported: bfloat16, float16, float32, float64, uint8, "
       "uint16 or uint32"},
      {npy("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (1,)}", one),
       "structured arrays are not supported"},
      {npy("{'descr': '<f4', 'shape': (1,)}", one), "the header has no \"fortran_order\""},
      {npy("{'descr': '<f4', 'descr': '<f8'}", one), "the header has \"descr\" twice"},
      {npy("{'pickle': 'x'}", one), "the header has an unknown key \"pickle\""},
      {npy("[1, 2]", one), "the header is not NumPy's dictionary"},
      {npy("{'descr': '<f4", one), "the header is not NumPy's dictionary"},
  };
  const TemporaryFolder folder;
  for (const Hostile& hostile : kHostile) {
    const std::string path = folder.write("bad.npy", hostile.content);
    try {
      read_npy(path);
      ADD_FAILURE() << "accepted, expected: " << hostile.message;
    } catch (const InputError& error) {
      EXPECT_EQ(error.what(), path + ": " + hostile.message);
    }
  }
}

TEST(NpyArray, EveryTruncationOfAFileIsRefused) {
  const TemporaryFolder folder;
  const std::string whole = npy(dictionary("<f4", "False", "(2, 2)"), raw<float>({1, 2, 3, 4}));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const std::string path = folder.write("cut.npy", whole.substr(0, length));
    EXPECT_THROW(read_npy(path), InputError) << length;
  }
}

TEST(NpyArray, MissingFilesAndFoldersAreRefused) {
  const TemporaryFolder folder;
  const std::string missing = (folder.path() / "missing.npy").string();
  EXPECT_THROW(read_npy(missing), InputError);
  EXPECT_THROW(read_npy(folder.path().string()), InputError);
}

}  // namespace
}  // namespace mxsim
