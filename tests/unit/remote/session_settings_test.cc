// What a session begins with.
#include "remote/session_settings.h"

#include <gtest/gtest.h>

namespace reqmail::remote {
namespace {

base::IpAddress address(const char* text) {
  return *base::IpAddress::parse(text);
}

TEST(SessionSettings, TlsAsThePlanSays) {
  SessionTerms terms;
  terms.timeout = base::Seconds(7);
  terms.end = std::chrono::milliseconds(900);
  terms.session_end = std::chrono::milliseconds(800);
  TlsPlan plan;
  plan.required = true;
  plan.request.server_name = "mx.example";
  auto made = session_settings(terms, plan, SmtpBegin::connected, address("192.0.2.1"), {});
  EXPECT_TRUE(made.starttls && made.tls_required);
  EXPECT_FALSE(made.plain_hello);
  EXPECT_EQ(made.tls.server_name, "mx.example");
  EXPECT_EQ(made.tls.timeout, base::Seconds(7));
  EXPECT_EQ(made.tls.end, std::chrono::milliseconds(800));
  made = session_settings(terms, plan, SmtpBegin::connected_for_tls, address("192.0.2.1"),
                          {.starttls = true, .ehlo = true});
  EXPECT_FALSE(made.starttls);
  EXPECT_TRUE(made.plain_hello);
  EXPECT_EQ(made.begin, SmtpBegin::connected_for_tls);
  plan.starttls = false;
  EXPECT_FALSE(
      session_settings(terms, plan, SmtpBegin::connected, address("192.0.2.1"), {}).starttls);
}

TEST(SessionSettings, ALoginInClearStaysOnThisHost) {
  SessionTerms terms;
  TlsPlan plan;
  const auto in_clear = [&](const char* server) {
    return session_settings(terms, plan, SmtpBegin::connected, address(server), {})
        .login_in_clear;
  };
  EXPECT_FALSE(in_clear("127.0.0.1"));
  terms.login = proto::SaslLogin("joe", "secret");
  EXPECT_TRUE(in_clear("127.0.0.1"));
  EXPECT_TRUE(in_clear("127.8.0.1"));
  EXPECT_FALSE(in_clear("192.0.2.1"));
  EXPECT_FALSE(in_clear("2001:db8::1"));
  plan.clear = true;
  EXPECT_TRUE(in_clear("192.0.2.1"));
}

}  // namespace
}  // namespace reqmail::remote
