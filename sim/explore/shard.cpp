#include "sim/explore/shard.h"

#include <charconv>

#include "models/core/error.h"

namespace mxsim {
namespace {

bool read_number(const char*& at, const char* end, std::uint64_t& number) {
  const auto parsed = std::from_chars(at, end, number);
  at = parsed.ptr;
  return parsed.ec == std::errc();
}

}  // namespace

Shard parse_shard(const std::string& text) {
  Shard shard;
  const char* at = text.data();
  const char* const end = at + text.size();
  const bool good = read_number(at, end, shard.index) && at != end && *at++ == '/' &&
                    read_number(at, end, shard.count) && at == end && shard.index >= 1 &&
                    shard.index <= shard.count;
  if (good) return shard;
  throw InputError("--shard: got \"" + text + "\", expected I/N with I from 1 to N");
}

}  // namespace mxsim
