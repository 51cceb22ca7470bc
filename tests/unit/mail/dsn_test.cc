#include "mail/dsn.h"

#include <gtest/gtest.h>

#include <string>

namespace reqmail::mail {
namespace {

using namespace std::string_literals;

TEST(Xtext, IsDecoded) {
  EXPECT_EQ(decode_xtext("bob+40x"), "bob@x");
  EXPECT_EQ(decode_xtext("+2B+3D+0A"), "+=\n");
  EXPECT_EQ(decode_xtext(""), "");
  for (const auto* bad : {"+", "+4", "+4g", "+2b", "a=b", "a b", "\x80", "x+"}) {
    EXPECT_FALSE(decode_xtext(bad)) << bad;
  }
}

TEST(Dsn, ValuesOfParameters) {
  EXPECT_EQ(parse_dsn_return("full"), DsnReturn::full);
  EXPECT_EQ(parse_dsn_return("HDRS"), DsnReturn::headers);
  EXPECT_FALSE(parse_dsn_return("SOME"));
  EXPECT_FALSE(parse_dsn_return(""));
  EXPECT_EQ(parse_dsn_notify("never"), DsnNotify());
  EXPECT_EQ(parse_dsn_notify("DELAY,Success"), (DsnNotify{true, false, true}));
  EXPECT_EQ(parse_dsn_notify("FAILURE"), (DsnNotify{false, true, false}));
  for (const auto* bad : {"", "SOMETIMES", "NEVER,FAILURE", "FAILURE,", "SUCCESS FAILURE"}) {
    EXPECT_FALSE(parse_dsn_notify(bad)) << bad;
  }
  EXPECT_TRUE(is_envelope_id("Q+2B1"));
  EXPECT_FALSE(is_envelope_id(""));
  EXPECT_FALSE(is_envelope_id("+ZZ"));
  EXPECT_TRUE(is_envelope_id(std::string(100, 'x')));
  EXPECT_FALSE(is_envelope_id(std::string(101, 'x')));
  EXPECT_TRUE(is_original_recipient("rfc822;bob+40other.example"));
  for (const auto* bad : {"x", ";x", "rfc822;", "rfc 822;x", "rfc822;a=b", ""}) {
    EXPECT_FALSE(is_original_recipient(bad)) << bad;
  }
  EXPECT_FALSE(is_original_recipient("rfc822;" + std::string(494, 'x')));
}

DsnRequest request() {
  DsnRequest request;
  request.returns = DsnReturn::headers;
  request.envelope_id = "QQ314";
  request.recipients.push_back({"bob smith@x", DsnNotify{true, true, false}, "rfc822;b@x"});
  request.recipients.push_back({"never@x", DsnNotify(), ""});
  return request;
}

const std::string kText =
    "RET=HDRS ENVID=QQ314\n"
    "NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;b@x\tbob smith@x\n"
    "NOTIFY=NEVER\tnever@x\n";

TEST(Dsn, TextAndBack) {
  EXPECT_EQ(dsn_text(request()), kText);
  const auto parsed = parse_dsn_text(kText);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(dsn_text(*parsed), kText);
  ASSERT_NE(parsed->find("bob smith@x"), nullptr);
  EXPECT_TRUE(parsed->find("bob smith@x")->notify->success);
  EXPECT_EQ(parsed->find("other@x"), nullptr);
  EXPECT_FALSE(parsed->empty());
  EXPECT_TRUE(DsnRequest().empty());
  EXPECT_EQ(dsn_text({}), "\n");
  EXPECT_TRUE(parse_dsn_text("\n")->empty());
  EXPECT_EQ(dsn_size(request().recipients[1]), "NOTIFY=NEVER\tnever@x\n"s.size());
  EXPECT_EQ(dsn_mail_parameters(request()), " RET=HDRS ENVID=QQ314");
  EXPECT_EQ(dsn_rcpt_parameters(request().recipients[1]), " NOTIFY=NEVER");
}

TEST(Dsn, MalformedTexts) {
  for (const auto& bad :
       {""s, "RET=HDRS"s, "RET=\n"s, "ENVID=\n"s, "X=1\n"s, "RET=HDRS  ENVID=x\n"s, "\nx@y\n"s,
        "\nNOTIFY=\tx@y\n"s, "\nNOTIFY=NEVER ORCPT=x\tx@y\n"s, "\n\tx@y\n"s, "\n\n"s,
        "\nNOTIFY=NEVER\tx\0y\n"s, "RET=HDRS\n" + std::string(kDsnTextMax, 'x') + "\n"}) {
    EXPECT_FALSE(parse_dsn_text(bad)) << bad.substr(0, 40);
  }
}

}  // namespace
}  // namespace reqmail::mail
