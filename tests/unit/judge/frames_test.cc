// Frames: what is written is read again, and anything else is noticed.
#include "judge/frames.h"

#include <gtest/gtest.h>

namespace reqmail::judge {
namespace {

std::string content_of(const std::string& frame) {
  FrameSplitter splitter;
  splitter.feed(frame);
  const auto content = splitter.next();
  return content ? std::string(*content) : std::string("(none)");
}

TEST(Frames, FieldsComeBackInTheirOrder) {
  const std::string content = content_of(FrameWriter('q')
                                             .text("a,b:\n")
                                             .number(77)
                                             .flag(true)
                                             .texts({"one", "", "three"})
                                             .frame());
  FrameReader frame(content);
  EXPECT_EQ(frame.letter(), 'q');
  EXPECT_EQ(frame.text(100), "a,b:\n");
  EXPECT_EQ(frame.number(), 77U);
  EXPECT_TRUE(frame.flag());
  EXPECT_EQ(frame.texts(10, 10), (std::vector<std::string>{"one", "", "three"}));
  EXPECT_TRUE(frame.ok());
}

TEST(Frames, TheReaderCutsAndMasks) {
  const std::string content = content_of(
      FrameWriter('q').text("abcdef").text("a\r\nb\x80").texts({"xyz", "w"}).frame());
  FrameReader frame(content);
  EXPECT_EQ(frame.text(3), "abc");
  EXPECT_EQ(frame.shown_text(4), "a??b");
  EXPECT_EQ(frame.texts(1, 2), std::vector<std::string>{"xy"});
  EXPECT_TRUE(frame.ok());
}

TEST(Frames, WhatIsMissingOrTooMuchIsNonsense) {
  const std::string content = content_of(FrameWriter('q').number(3).frame());
  FrameReader missing(content);
  EXPECT_EQ(missing.number(), 3U);
  EXPECT_EQ(missing.text(9), "");
  EXPECT_FALSE(missing.ok());
  const FrameReader left(content);
  EXPECT_FALSE(left.ok());
  FrameReader large(content);
  EXPECT_EQ(large.number_up_to(2), 0U);
  EXPECT_FALSE(large.ok());
  const std::string words = content_of(FrameWriter('q').text("x").frame());
  FrameReader no_number(words);
  EXPECT_EQ(no_number.number(), 0U);
  EXPECT_FALSE(no_number.ok());
  EXPECT_FALSE(FrameReader("").ok());
  // More texts are promised than there are.
  const std::string few = content_of(FrameWriter('q').number(1'000'000).text("x").frame());
  FrameReader promised(few);
  EXPECT_EQ(promised.texts(5, 5).size(), 2U);
  EXPECT_FALSE(promised.ok());
}

TEST(Frames, AStreamIsCutWhereverItsPiecesEnd) {
  const std::string stream =
      FrameWriter('a').text("1").frame() + FrameWriter('b').text("22").frame();
  FrameSplitter splitter;
  std::string letters;
  for (const char c : stream) {
    splitter.feed({&c, 1});
    while (const auto content = splitter.next()) {
      letters.push_back(content->front());
    }
  }
  EXPECT_EQ(letters, "ab");
  EXPECT_FALSE(splitter.broken());
}

TEST(Frames, WhatIsNoFrameBreaksTheStream) {
  for (const char* bytes : {"x", "3:abc;", "99999999999999999999999", "4194305:"}) {
    FrameSplitter splitter;
    splitter.feed(bytes);
    EXPECT_FALSE(splitter.next()) << bytes;
    EXPECT_TRUE(splitter.broken()) << bytes;
    splitter.feed(FrameWriter('a').frame());
    EXPECT_FALSE(splitter.next()) << bytes;
  }
}

}  // namespace
}  // namespace reqmail::judge
