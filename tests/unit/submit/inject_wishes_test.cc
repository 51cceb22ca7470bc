#include "submit/inject_wishes.h"

#include <gtest/gtest.h>

namespace reqmail::submit {
namespace {

TEST(InjectWishes, ForEveryRecipient) {
  const InjectWishes wishes = parse_wishes("RET=hdrs ENVID=QQ NOTIFY=failure,delay");
  EXPECT_EQ(wishes_text(wishes, {"a@b", "c d@e"}),
            "RET=HDRS ENVID=QQ\nNOTIFY=FAILURE,DELAY\ta@b\nNOTIFY=FAILURE,DELAY\tc d@e\n");
  EXPECT_EQ(wishes_text(parse_wishes("NOTIFY=NEVER"), {"a@b"}), "\nNOTIFY=NEVER\ta@b\n");
  EXPECT_EQ(wishes_text(parse_wishes("RET=FULL"), {"a@b"}), "RET=FULL\n");
}

TEST(InjectWishes, WithoutAnyThereIsNoText) {
  EXPECT_EQ(wishes_text(parse_wishes(""), {"a@b"}), "");
  EXPECT_EQ(wishes_text(parse_wishes("RET=some ENVID== NOTIFY=x NOTIFY RET other"), {"a@b"}),
            "");
  // One that does not fit into the environment is left out.
  const std::vector<std::string> many(10'000, "somebody@somewhere.example");
  EXPECT_EQ(wishes_text(parse_wishes("NOTIFY=NEVER"), many), "");
}

}  // namespace
}  // namespace reqmail::submit
