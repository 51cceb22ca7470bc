#include "sys/path_address.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cerrno>
#include <string>

namespace reqmail::sys {
namespace {

TEST(PathAddress, HoldsThePathAndANul) {
  const auto address = path_address("/run/x", "unable to try");
  ASSERT_TRUE(address);
  EXPECT_EQ(address->sun_family, AF_UNIX);
  EXPECT_STREQ(address->sun_path, "/run/x");
}

TEST(PathAddress, APathThatDoesNotFitIsRefused) {
  const std::size_t room = sizeof sockaddr_un{}.sun_path;
  EXPECT_TRUE(path_address(std::string(room - 1, 'x'), "unable to try"));
  const auto address = path_address(std::string(room, 'x'), "unable to try");
  ASSERT_FALSE(address);
  EXPECT_EQ(address.error().error, ENAMETOOLONG);
  EXPECT_EQ(address.error().text.rfind("unable to try", 0), 0U);
}

}  // namespace
}  // namespace reqmail::sys
