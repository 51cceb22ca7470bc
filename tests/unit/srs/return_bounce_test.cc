#include "srs/return_bounce.h"

#include <gtest/gtest.h>

namespace reqmail::srs {
namespace {

TEST(ReturnBounce, AnAddressThatIsNotGenuineIsRefusedForGood) {
  auth822::SrsSettings settings;
  settings.domain = "srs.example";
  settings.secrets = {"x"};
  const auto queued =
      return_bounce(-1, "", "SRS0=abcd=AA=a.example=b@srs.example", settings, 0);
  ASSERT_FALSE(queued);
  EXPECT_EQ(queued.error().permanence, Permanence::permanent);
  EXPECT_EQ(queued.error().text, "sorry, that SRS address is not valid (#5.1.1)");
  EXPECT_EQ(fault_text(auth822::SrsFault::expired), "sorry, that SRS address has expired");
}

}  // namespace
}  // namespace reqmail::srs
