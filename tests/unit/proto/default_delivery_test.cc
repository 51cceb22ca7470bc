#include "proto/default_delivery.h"

#include <gtest/gtest.h>

#include <string>

namespace reqmail::proto {
namespace {

TEST(DefaultDelivery, OfOrdinaryFiles) {
  for (const char* text : {"", "./Maildir/\n", "&ann@b.example\n", "|preline program\n",
                           "# bounce-no-mailbox\n./Mailbox\n"}) {
    EXPECT_EQ(default_delivery(text), DefaultDelivery::takes_all) << text;
  }
  EXPECT_EQ(default_delivery("# all\n|bounce-no-mailbox\n"), DefaultDelivery::bounces);
}

TEST(DefaultDelivery, OfVpopmail) {
  const std::string command = "| /home/vpopmail/bin/vdelivermail ''";
  for (const char* word :
       {" bounce-no-mailbox\n", "", " ", " \"bounce-no-mailbox\"", " reject\r\n"}) {
    EXPECT_EQ(default_delivery(command + word), DefaultDelivery::vpopmail) << word;
  }
  for (const char* word : {" delete\n", " /home/vpopmail/domains/d/ann", " ann@local.example\n",
                           " '/var/mail/x'\n"}) {
    EXPECT_EQ(default_delivery(command + word), DefaultDelivery::takes_all) << word;
  }
}

}  // namespace
}  // namespace reqmail::proto
