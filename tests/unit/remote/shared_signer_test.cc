// How qmail-remote knows the socket of the signer; tests/unit/remote/signer_test.cc uses it.
#include "remote/shared_signer.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <string>

#include "config.h"
#include "sys/env.h"
#include "sys/fd.h"
#include "sys/packets.h"

namespace reqmail::remote {
namespace {

TEST(SharedSigner, OnlyOfThisReleaseAndOnlyASocket) {
  auto pair = sys::make_packet_pair();
  ASSERT_TRUE(pair);
  for (sys::Fd* const one : {&pair->one, &pair->other}) {
    *one = sys::Fd(::fcntl(one->get(), F_DUPFD_CLOEXEC, kSharedSignerDescriptor + 1));
  }
  ASSERT_TRUE(sys::duplicate_to(pair->one.get(), kSharedSignerDescriptor));
  sys::Fd end(kSharedSignerDescriptor);
  EXPECT_FALSE(inherited_signer());
  offer_shared_signer();
  EXPECT_EQ(sys::environment_value("QMAILREMOTESIGNER"), "4 " + std::string(config::kVersion));
  EXPECT_EQ(inherited_signer(), kSharedSignerDescriptor);
  ASSERT_EQ(::setenv("QMAILREMOTESIGNER", "4 0.0.0", 1), 0);
  EXPECT_FALSE(inherited_signer());
  offer_shared_signer();
  auto pipe = sys::make_pipe();
  ASSERT_TRUE(sys::duplicate_to(pipe->write.get(), kSharedSignerDescriptor));
  EXPECT_FALSE(inherited_signer());
  end.close();
  EXPECT_FALSE(inherited_signer());
  withdraw_shared_signer();
  EXPECT_FALSE(sys::environment_value("QMAILREMOTESIGNER"));
}

}  // namespace
}  // namespace reqmail::remote
