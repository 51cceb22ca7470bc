#include "base/base64.h"

#include <gtest/gtest.h>

#include <string>

namespace reqmail::base {
namespace {

TEST(Base64, VectorsOfRfc4648) {
  const char* const kVectors[][2] = {{"", ""},
                                     {"f", "Zg=="},
                                     {"fo", "Zm8="},
                                     {"foo", "Zm9v"},
                                     {"foob", "Zm9vYg=="},
                                     {"fooba", "Zm9vYmE="},
                                     {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : kVectors) {
    EXPECT_EQ(encode_base64(bytes), text);
    EXPECT_EQ(decode_base64(text), std::string(bytes));
  }
}

TEST(Base64, EveryByteThereAndBack) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) {
    bytes.push_back(static_cast<char>(i));
    EXPECT_EQ(decode_base64(encode_base64(bytes)), bytes);
  }
  EXPECT_EQ(encode_base64("\xfb\xff"), "+/8=");
}

TEST(Base64, NothingThatNoEncoderMakes) {
  for (const char* text :
       {"A",     "AA",    "AAA",  "A===", "====",     "=",      "Zg=",
        "Zg",    "Zm9=v", "Z=g=", "Zh==", "Zm9=",     "Zm9v\n", " Zm9v",
        "Zm 9v", "Zm9-",  "Zm9_", "!!!!", "Zg==Zg==", "Zm9vZ",  "AAAAA==="}) {
    EXPECT_FALSE(decode_base64(text)) << text;
  }
  EXPECT_FALSE(decode_base64(std::string("Zm9\0", 4)));
  EXPECT_FALSE(decode_base64("Zm9\xc3"));
}

}  // namespace
}  // namespace reqmail::base
