#include "sim/run/sizes_bytes.h"

#include <boost/archive/binary_iarchive.hpp>
#include <boost/archive/binary_oarchive.hpp>
#include <boost/serialization/map.hpp>
#include <boost/serialization/string.hpp>
#include <boost/serialization/vector.hpp>
#include <map>
#include <sstream>

namespace mxsim {

// Each takes its type apart as a whole: an added member is a compile error here.

template <class Archive>
void serialize(Archive& archive, ChipSizes& s, unsigned) {
  auto& [rows, cols, buffers] = s;
  std::map<std::string, std::int64_t> counts;
  for (const auto& [name, bytes] : buffers) counts[name] = bytes.count();
  archive& rows& cols& counts;
  for (const auto& [name, count] : counts) buffers[name] = Bytes(count);
}

template <class Archive>
void serialize(Archive& archive, ValuedSizes& s, unsigned) {
  auto& [sizes, value] = s;
  archive& sizes& value;
}

template <class Archive>
void serialize(Archive& archive, SizeSearch& s, unsigned) {
  auto& [area_mm2, tried, start, best] = s;
  archive& area_mm2& tried& start& best;
}

namespace {

constexpr unsigned kFlags = boost::archive::no_header;

}  // namespace

std::string sizes_bytes(const SizeSearch& search) {
  std::ostringstream text;
  boost::archive::binary_oarchive(text, kFlags) << search;
  return text.str();
}

SizeSearch sizes_of(const std::string& bytes) {
  std::istringstream text(bytes);
  SizeSearch search;
  boost::archive::binary_iarchive(text, kFlags) >> search;
  return search;
}

}  // namespace mxsim
