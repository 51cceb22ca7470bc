// Reports, and the properties of a message that the SMTP session needs.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "mail/verdict_codec.h"
#include "proto/smtp_data_out.h"
#include "remote/message_facts.h"
#include "remote/recipient_report.h"
#include "sys/fd.h"

namespace reqmail::remote {
namespace {

std::string with_bars(std::string report) {
  std::replace(report.begin(), report.end(), '\0', '|');
  return report;
}

TEST(RecipientReport, OneForEachAnswer) {
  EXPECT_EQ(with_bars(recipient_reports({{mail::Grade::success, ""},
                                         {mail::Grade::temporary, "450 busy\n"},
                                         {mail::Grade::permanent, "550 no\n"}},
                                        "192.0.2.1")),
            "r|s192.0.2.1 does not like recipient.\nRemote host said: 450 busy\n|"
            "h192.0.2.1 does not like recipient.\nRemote host said: 550 no\n|");
  EXPECT_EQ(recipient_reports({}, "192.0.2.1"), "");
}

TEST(RecipientReport, OneForTheMessage) {
  EXPECT_EQ(with_bars(failure_report(temporary("later"))), "Zlater\n|");
  EXPECT_EQ(with_bars(failure_report(permanent("never"))), "Dnever\n|");
  EXPECT_EQ(with_bars(tls_report(permanent("TLS failed; connected to"), "192.0.2.1")),
            "ZTLS failed; connected to 192.0.2.1.\n|");
  EXPECT_EQ(with_bars(broken_report("192.0.2.1", false)),
            "ZConnected to 192.0.2.1 but connection died. (#4.4.2)\n|");
  EXPECT_EQ(with_bars(broken_report("192.0.2.1", true)),
            "ZConnected to 192.0.2.1 but connection died. Possible duplicate! (#4.4.2)\n|");
  EXPECT_EQ(with_bars(outcome_report(
                {proto::SmtpStage::recipients, mail::Grade::permanent, "", {}}, "192.0.2.1")),
            "DGiving up on 192.0.2.1.\n|");
  EXPECT_EQ(
      with_bars(outcome_report(
          {proto::SmtpStage::login, mail::Grade::temporary, "535 no\n", "PLAIN"}, "192.0.2.1")),
      "ZConnected to 192.0.2.1 but authentication was rejected (AUTH PLAIN).\n"
      "Remote host said: 535 no\n|");
  EXPECT_EQ(
      with_bars(outcome_report({proto::SmtpStage::no_tls, mail::Grade::temporary, "", {}},
                               "192.0.2.1", "control/tlshosts/b.pem exists; connecting to")),
      "ZNo TLS achieved while control/tlshosts/b.pem exists; connecting to 192.0.2.1.\n|");
}

class MessageFile : public ::testing::Test {
 protected:
  int with(std::string_view text, off_t at = 0) {
    std::string name = "/tmp/reqmail-facts.XXXXXX";
    file_ = sys::Fd(::mkstemp(name.data()));
    EXPECT_EQ(::unlink(name.c_str()), 0);
    EXPECT_EQ(::write(file_.get(), text.data(), text.size()),
              static_cast<ssize_t>(text.size()));
    EXPECT_EQ(::lseek(file_.get(), at, SEEK_SET), at);
    return file_.get();
  }

  sys::Fd file_;
};

TEST(BrokenReport, HasTheLastWords) {
  EXPECT_EQ(with_bars(broken_report("192.0.2.1", false)),
            "ZConnected to 192.0.2.1 but connection died. (#4.4.2)\n|");
  for (const char* words : {"552 too big", "552 too big\n"}) {
    EXPECT_EQ(with_bars(broken_report("192.0.2.1", true, words)),
              "ZConnected to 192.0.2.1 but connection died. Possible duplicate! (#4.4.2)\n"
              "Remote host said: 552 too big\n|");
  }
}

TEST_F(MessageFile, IsCountedAsTheServerWillCountIt) {
  const auto facts = look_at_message(with("a\nb\r\n.c\n"));
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->size, 10U) << "each line end is CR LF, no dot is doubled";
  EXPECT_FALSE(facts->eight_bit);
  EXPECT_EQ(::lseek(file_.get(), 0, SEEK_CUR), 0) << "the position stays";
  EXPECT_TRUE(look_at_message(with("\xff\n"))->eight_bit);
  EXPECT_EQ(look_at_message(with("skipped\na\n", 8))->size, 3U);
  EXPECT_EQ(look_at_message(with(""))->size, 0U);
  for (const char* text : {"\xff\n", "a: b\nc: \xff\n\nd\n", "a: b\r\nc: \xff"}) {
    EXPECT_TRUE(look_at_message(with(text))->eight_bit_header) << text;
  }
  for (const char* text : {"", "\n\xff\n", "a: b\n\n\xff\n", "a: b\r\n\r\n\xff"}) {
    EXPECT_FALSE(look_at_message(with(text))->eight_bit_header) << text;
  }
}

// The size is that of what the encoder makes, but for doubled dots.
TEST_F(MessageFile, FoldsCount) {
  for (const std::string& line :
       {std::string(998, 'x'), std::string(999, 'x'), std::string(1995, 'x'),
        std::string(1996, 'x'), std::string(998, 'x') + "\r", std::string(998, 'x') + "\ry",
        std::string(997, 'x') + "\r\r", std::string(5000, 'x')}) {
    const std::string message = line + "\nshort\n" + line + "\n";
    proto::SmtpDataEncoder encoder(true);
    std::string out;
    encoder.encode(message, out);
    EXPECT_EQ(look_at_message(with(message), true)->size, out.size()) << line.size();
  }
}

TEST_F(MessageFile, TheRestOfItHasASize) {
  EXPECT_EQ(size_of_message(with("12345", 2)), 3U);
  auto pipe = sys::make_pipe();
  ASSERT_TRUE(pipe);
  EXPECT_EQ(size_of_message(pipe->read.get()), std::nullopt);
  EXPECT_FALSE(look_at_message(pipe->read.get()));
  EXPECT_EQ(size_of_message(-1), std::nullopt);
}

}  // namespace
}  // namespace reqmail::remote
