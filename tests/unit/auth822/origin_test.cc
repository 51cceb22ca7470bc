#include "auth822/origin.h"

#include <gtest/gtest.h>

#include <string>

#include "auth822/auth_results.h"

namespace reqmail::auth822 {
namespace {

constexpr std::string_view kService = "mx.example";

std::string client(const std::string& protocol) {
  return "Received: (qmail 12 invoked from network); 29 Nov 2026 12:00:00 -0000\n"
         "Received: from c.example (HELO with) (192.0.2.5)\n  by mx.example with " +
         protocol + "; 29 Nov 2026 12:00:00 -0000\n";
}

const std::string kForward =
    "Received: (qmail 34 invoked by uid 7001); 29 Nov 2026 12:00:01 -0000\n"
    "Delivered-To: bob@mx.example\n";

TEST(Origin, OfAMessageThatBeginsHere) {
  const MessageHeader header("Received: (qmail 1 invoked by uid 7); x\nDelivered-To: a@b\n");
  const Origin origin = find_origin(header, kService);
  EXPECT_FALSE(origin.forwarded);
  EXPECT_FALSE(origin.by_stranger);
}

TEST(Origin, OfARelayedMessage) {
  const MessageHeader header(client("SMTP") + "Delivered-To: x@elsewhere.example\n");
  const Origin origin = find_origin(header, kService);
  EXPECT_FALSE(origin.forwarded);
  EXPECT_TRUE(origin.by_stranger);
}

TEST(Origin, OfAForwardedMessage) {
  for (const char* const protocol :
       {"SMTP", "ESMTPS (TLS_AES_256_GCM_SHA384 encrypted)", "UTF8SMTP", "QMTP", "IMAP"}) {
    const MessageHeader header(kForward + client(protocol));
    const Origin origin = find_origin(header, kService);
    EXPECT_TRUE(origin.forwarded) << protocol;
    EXPECT_TRUE(origin.by_stranger) << protocol;
  }
  for (const char* const protocol :
       {"ESMTPA", "ESMTPSA (X encrypted, authenticated)\n  (cert a)", "UTF8SMTPSA", "QMQP"}) {
    const MessageHeader header(kForward + client(protocol));
    const Origin origin = find_origin(header, kService);
    EXPECT_TRUE(origin.forwarded) << protocol;
    EXPECT_FALSE(origin.by_stranger) << protocol;
  }
}

// A client chooses its HELO name and its login; neither can hold a blank.
TEST(Origin, TheProtocolIsNotTheClientsWord) {
  const MessageHeader header(kForward +
                             "Received: from a (HELO by?x?with?ESMTPA) (1@192.0.2.5)\n"
                             "  by mx.example with SMTP; 29 Nov 2026\n");
  EXPECT_TRUE(find_origin(header, kService).by_stranger);
  const MessageHeader bare(kForward + "Received: from a\n");
  EXPECT_TRUE(find_origin(bare, kService).by_stranger);
}

TEST(Origin, OwnResultsAreThoseOfTheArrival) {
  const std::string own = "Authentication-Results: MX.example; dmarc=pass\n";
  const std::string other = "Authentication-Results: else.example; dmarc=pass\n";
  const auto results_in = [](const std::string& text) {
    const MessageHeader header(text);
    return !find_origin(header, kService).own_results.empty();
  };
  EXPECT_TRUE(results_in(client("SMTP") + "Received-SPF: pass\n" + other + own));
  EXPECT_TRUE(results_in(kForward + client("ESMTPSA") + own));
  EXPECT_FALSE(results_in(client("SMTP") + other));
  EXPECT_FALSE(results_in(own + client("SMTP")));
  EXPECT_FALSE(results_in(client("SMTP") + "Received: from x by y\n" + own));
  EXPECT_FALSE(results_in(client("QMTP") + own));
  EXPECT_FALSE(results_in(own));
}

TEST(Origin, WhatProvesTheAuthor) {
  const auto proves = [](std::string_view results, std::string_view domain) {
    return proves_author(read_auth_results(results), domain);
  };
  EXPECT_TRUE(proves("mx; dmarc=pass header.from=D.example policy.dmarc=none", "d.example"));
  EXPECT_TRUE(proves("mx; spf=none; dkim=pass header.d=d.example header.i=@x", "d.example"));
  EXPECT_TRUE(proves("mx; dkim=pass header.d=d.example", "mail.d.example"));
  EXPECT_FALSE(proves("mx; dkim=pass header.d=example", "d.example"));
  EXPECT_FALSE(proves("mx; dkim=pass header.d=sub.d.example", "d.example"));
  EXPECT_FALSE(proves("mx; dkim=fail header.d=d.example; dmarc=fail header.from=d.example",
                      "d.example"));
  EXPECT_FALSE(proves("mx; dmarc=pass header.from=e.example", "d.example"));
  EXPECT_FALSE(proves("mx; dmarc=pass", "d.example"));
  EXPECT_FALSE(proves("mx; spf=pass smtp.mailfrom=a@d.example", "d.example"));
  EXPECT_FALSE(
      proves("mx; spf=pass smtp.mailfrom=\"\\\"; dkim=pass header.d=d.example; \\\"@e\"",
             "d.example"));
}

TEST(AuthResults, PartsAndProperties) {
  const auto results = read_auth_results(
      " i=2; mx.example 1;\n dkim/1 = Pass (good; (dmarc=pass) \\) x) header.d = "
      "\"D.example\"\n"
      "  header.i=\"a b\"@d.example; none; spf=fail");
  ASSERT_EQ(results.size(), 3U);
  EXPECT_EQ(results[0].method, "i");
  EXPECT_EQ(results[1].method, "dkim");
  EXPECT_EQ(results[1].result, "pass");
  EXPECT_EQ(results[1].property("header.d"), "d.example");
  EXPECT_EQ(results[1].property("header.i"), "a b@d.example");
  EXPECT_FALSE(results[1].property("header.s"));
  EXPECT_EQ(results[2].result, "fail");
}

TEST(AuthResults, TextsWithoutEnd) {
  EXPECT_TRUE(read_auth_results("").empty());
  EXPECT_TRUE(read_auth_results("x (\\").empty());
  EXPECT_EQ(read_auth_results("x; dkim=\"pass").front().result, "pass");
  EXPECT_EQ(read_auth_results("x; dkim=\"pa\\").front().result, "pa");
}

}  // namespace
}  // namespace reqmail::auth822
