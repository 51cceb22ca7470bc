#include "srs/to_field.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace reqmail::srs {
namespace {

std::string changed(std::string_view message) {
  ToField field("ann@a.example");
  std::string out;
  while (!message.empty()) {
    const std::size_t end = std::min(message.find('\n'), message.size() - 1) + 1;
    out += field.next(message.substr(0, end));
    message.remove_prefix(end);
  }
  return out + field.finish();
}

TEST(ToField, TheFieldIsReplaced) {
  EXPECT_EQ(changed("A: b\nTo: x,\n y,\n\tz\nC: d\n\nTo: body\n"),
            "A: b\nTo: ann@a.example\nC: d\n\nTo: body\n");
  EXPECT_EQ(changed("TO : x\nto: y\n\n"), "To: ann@a.example\n\n");
}

TEST(ToField, AHeaderWithoutItGetsOne) {
  EXPECT_EQ(changed("A: b\n c\n\nx\n"), "A: b\n c\nTo: ann@a.example\n\nx\n");
  EXPECT_EQ(changed("A: b\n"), "A: b\nTo: ann@a.example\n");
  EXPECT_EQ(changed("\nx"), "To: ann@a.example\n\nx");
  EXPECT_EQ(changed(""), "To: ann@a.example\n");
}

TEST(ToField, OtherNamesStay) {
  EXPECT_EQ(changed("Reply-To: x\nTo: y\n\n"), "Reply-To: x\nTo: ann@a.example\n\n");
}

}  // namespace
}  // namespace reqmail::srs
