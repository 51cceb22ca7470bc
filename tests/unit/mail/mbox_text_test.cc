#include "mail/mbox_text.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace reqmail::mail {
namespace {

std::string quoted(std::string_view message, std::size_t piece_size) {
  MboxText text;
  std::string out;
  while (!message.empty()) {
    text.add(message.substr(0, piece_size), out);
    message.remove_prefix(std::min(piece_size, message.size()));
  }
  text.finish(out);
  return out;
}

struct Sample {
  std::string message;
  std::string expected;
};

class MboxTextTest : public ::testing::TestWithParam<Sample> {};

TEST_P(MboxTextTest, IsTheSameInPiecesOfAnySize) {
  const Sample& sample = GetParam();
  for (std::size_t size = 1; size <= sample.message.size() + 1; ++size) {
    EXPECT_EQ(quoted(sample.message, size), sample.expected) << "in pieces of " << size;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Samples, MboxTextTest,
    ::testing::Values(
        Sample{"", "\n"}, Sample{"\n", "\n\n"}, Sample{"a\n", "a\n\n"}, Sample{"a", "a\n\n"},
        Sample{"From x\n>>From y\n", ">From x\n>>>From y\n\n"},
        Sample{"From:\nfrom x\n From x\nFrom\tx\n", "From:\nfrom x\n From x\nFrom\tx\n\n"},
        Sample{">  From\n>>\n>F\n>From\n", ">  From\n>>\n>F\n>From\n\n"},
        Sample{"From", "From\n\n"}, Sample{"From ", ">From \n\n"}, Sample{">>>", ">>>\n\n"},
        Sample{"xFrom y\nxx>From \n", "xFrom y\nxx>From \n\n"},
        Sample{std::string("\0From \n\0", 8), std::string("\0From \n\0\n\n", 10)},
        Sample{"From a\r\n", ">From a\r\n\n"}, Sample{"\n\n\nFrom ", "\n\n\n>From \n\n"}));

TEST(MboxText, CanBeUsedAgain) {
  MboxText text;
  std::string out;
  text.add("Fro", out);
  text.finish(out);
  text.add("From ", out);
  text.finish(out);
  EXPECT_EQ(out, "Fro\n\n>From \n\n");
}

}  // namespace
}  // namespace reqmail::mail
