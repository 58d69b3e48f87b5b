#include "models/core/safe_text.h"

#include <gtest/gtest.h>

namespace mxsim {
namespace {

TEST(SafeText, LeavesWhatATerminalShows) {
  for (const char* text : {"", "conv1", "Schicht größer", "層.0", "👩‍💻", "a\\x1b"}) {
    EXPECT_FALSE(unsafe_place(text)) << text;
    EXPECT_EQ(escaped(text), text);
  }
}

TEST(SafeText, ShowsWhatATerminalWouldObey) {
  EXPECT_EQ(escaped("a\x1b[31mb"), "a\\x1b[31mb");
  EXPECT_EQ(escaped("a\nb\tc\x7f"), "a\\x0ab\\x09c\\x7f");
  EXPECT_EQ(escaped("\xc2\x9b"
                    "31m"),
            "\\u{9b}31m")
      << "the escape sequence's beginning as one C1 character";
  EXPECT_EQ(escaped("\xe2\x80\xae"
                    "gpj"),
            "\\u{202e}gpj")
      << "right-to-left override";
  EXPECT_EQ(escaped("\xe2\x80\xa8"), "\\u{2028}") << "line separator";
  EXPECT_EQ(escaped(std::string_view("\0x", 2)), "\\x00x");
}

TEST(SafeText, ShowsBytesThatAreNoUtf8) {
  EXPECT_EQ(escaped("a\xff\xc3"), "a\\xff\\xc3");
  EXPECT_EQ(escaped("\xe2\x80z"), "\\xe2\\x80z") << "cut short: the z is kept";
  EXPECT_EQ(escaped("\xed\xa0\x80"), "\\xed\\xa0\\x80") << "half of a surrogate pair";
}

TEST(SafeText, NamesTheFirstPlace) {
  const auto place = unsafe_place("ab\x1b\xff");
  ASSERT_TRUE(place);
  EXPECT_EQ(place->offset, 2u);
  EXPECT_EQ(place->bytes, 1u);
  EXPECT_EQ(place->name, "control character U+001B");
  EXPECT_EQ(unsafe_place("\xff")->name, kNotUtf8);
}

/// Nothing that is escaped needs escaping again: by every byte, and every pair of bytes.
TEST(SafeText, IsSafeAfterwards) {
  for (int a = 0; a < 256; ++a) {
    for (int b = 0; b < 256; ++b) {
      const std::string safe =
          escaped(std::string{static_cast<char>(a), static_cast<char>(b), 'x'});
      EXPECT_FALSE(unsafe_place(safe)) << a << " " << b;
      EXPECT_EQ(safe.back(), 'x');
    }
  }
}

}  // namespace
}  // namespace mxsim
