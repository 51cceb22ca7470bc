#include "remote/line_checks.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/unit/support/temporary_home.h"

namespace reqmail::remote {
namespace {

using testing::put_file;

TEST(RemoteLineChecks, OfAddresses) {
  const testing::TemporaryHome home;
  ASSERT_EQ(::mkdir("control", 0755), 0);
  put_file("control/moreipme", "192.0.2.0/28\n192.0.2/8\n");
  put_file("control/notipme", "x\n");
  put_file("control/outgoingip", "192.0.2.1\nnone\n");
  put_file("control/domainbindings", "a.example:192.0.2.1\n:192.0.2.1\na.example:x\n");
  put_file("control/helohostbyip", "192.0.2.1:a\na:192.0.2.1\n");
  put_file("control/ipversions", "4,6\n");
  EXPECT_EQ(control::check_control_files(line_checks()),
            (std::vector<std::string>{
                "control/domainbindings: bad line: :192.0.2.1 (no sender and colon)",
                "control/domainbindings: bad line: a.example:x (no address)",
                "control/helohostbyip: bad line: a:192.0.2.1 (no address, colon and name)",
                "control/ipversions: bad line: 4,6 (none of 4, 46, 64 and 6)",
                "control/moreipme: bad line: 192.0.2/8 (neither an address nor a network)",
                "control/notipme: bad line: x (neither an address nor a network)",
                "control/outgoingip: bad line: none (no address)"}));
  put_file("control/ipversions", "64\n");
  put_file("control/tlspolicy", "*:may\nb.example:always\n");
  put_file("control/tlspolicyserver", "unix:socket:x\n");
  EXPECT_EQ(control::check_control_files(line_checks()).size(), 8U);
}

}  // namespace
}  // namespace reqmail::remote
