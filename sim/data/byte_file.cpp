#include "sim/data/byte_file.h"

#include <algorithm>
#include <boost/iostreams/filter/gzip.hpp>
#include <boost/iostreams/filtering_stream.hpp>
#include <filesystem>
#include <fstream>

#include "models/core/error.h"
#include "sim/npy/unpacked_size.h"

namespace mxsim {

std::vector<std::uint8_t> read_bytes(const std::string& path, std::size_t most) {
  constexpr std::size_t kPiece = std::size_t{1} << 16;
  const auto fail = [&](const std::string& message) { throw InputError({{path, "", message}}); };
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) fail("no such file");
  std::ifstream file(path, std::ios::binary);
  if (!file) fail("cannot be read");
  boost::iostreams::filtering_istream in;
  if (path.ends_with(".gz")) {
    in.push(boost::iostreams::gzip_decompressor());
    most = std::min<std::uint64_t>(most, most_unpacked(std::filesystem::file_size(path, error)));
  }
  in.push(file);
  std::vector<std::uint8_t> bytes;
  try {
    while (in) {
      const std::size_t held = bytes.size();
      bytes.resize(held + kPiece);
      in.read(reinterpret_cast<char*>(bytes.data()) + held, kPiece);
      bytes.resize(held + static_cast<std::size_t>(in.gcount()));
      if (bytes.size() > most) fail("unpacks to more than " + std::to_string(most) + " bytes");
      if (in.bad()) fail("not a whole gzip file");
    }
  } catch (const boost::iostreams::gzip_error&) {
    fail("not a whole gzip file");
  }
  return bytes;
}

}  // namespace mxsim
