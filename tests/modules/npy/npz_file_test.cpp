#include "sim/npy/npz_file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <boost/iostreams/device/file_descriptor.hpp>
#include <boost/iostreams/filter/gzip.hpp>
#include <boost/iostreams/filtering_stream.hpp>
#include <string>

#include "models/core/error.h"
#include "sim/data/byte_file.h"
#include "sim/npy/unpacked_size.h"
#include "tests/support/temporary_folder.h"

namespace mxsim {
namespace {

std::string refusal_of(const std::string& path) {
  try {
    read_npz(path);
    return "";
  } catch (const InputError& error) {
    return error.diagnostics().front().message;
  }
}

/// Kibibytes that this process had in memory at most.
long most_memory() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

TEST(NpzFile, SizesThatTheFileDoesNotBearOutAreRefusedWithoutTheirMemory) {
  const std::string folder = MXSIM_TEST_DATA "/fuzz/weights/";
  const std::string too_large = "its arrays are larger than 64 times the file and 256 MiB";
  const long before = most_memory();
  EXPECT_EQ(refusal_of(folder + "zip64-claims-64GiB.npz"), too_large);
  EXPECT_EQ(refusal_of(folder + "deflated-claims-4GB.npz"), too_large);
  EXPECT_EQ(refusal_of(folder + "stored-claims-4GB.npz"), "not a whole .npz archive");
  EXPECT_EQ(refusal_of(folder + "deflated-claims-200MB.npz"), "not a whole .npz archive");
  EXPECT_LT(most_memory() - before, 32 * 1024);
}

TEST(NpzFile, AMemberThatStandsTwiceIsRefused) {
  EXPECT_EQ(refusal_of(MXSIM_TEST_DATA "/fuzz/weights/two-of-one-name.npz"), "\"w\" stands twice");
}

TEST(PackedBytes, BecomeAtMostSoManyOfAFile) {
  EXPECT_EQ(most_unpacked(0), std::uint64_t{1} << 28);
  EXPECT_EQ(most_unpacked(std::uint64_t{1} << 30), std::uint64_t{1} << 36);
  const TemporaryFolder folder;
  const std::string path = (folder.path() / "zeros.gz").string();
  {
    boost::iostreams::filtering_ostream out;
    out.push(boost::iostreams::gzip_compressor(boost::iostreams::gzip_params(1)));
    out.push(boost::iostreams::file_descriptor_sink(path));
    const std::string zeros(1 << 20, '\0');
    for (int i = 0; i <= 256; ++i) out << zeros;
  }
  try {
    read_bytes(path, std::size_t{1} << 32);
    ADD_FAILURE();
  } catch (const InputError& error) {
    EXPECT_EQ(error.diagnostics().front().message, "unpacks to more than 268435456 bytes");
  }
}

}  // namespace
}  // namespace mxsim
