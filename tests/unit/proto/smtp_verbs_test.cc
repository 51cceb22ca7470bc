// The table of SMTP commands.
#include "proto/smtp_verbs.h"

#include <gtest/gtest.h>

#include "proto/smtp_command.h"

namespace reqmail::proto {
namespace {

const SmtpVerb& verb_of(std::string_view line) {
  return find_smtp_verb(parse_smtp_command(line).word);
}

TEST(SmtpVerbs, WordsInAnyCase) {
  EXPECT_EQ(verb_of("mAiL   FROM:<a@b> SIZE=1").name, "MAIL");
  EXPECT_EQ(verb_of("QUIT").name, "QUIT");
  EXPECT_EQ(verb_of("starttls").name, "STARTTLS");
}

TEST(SmtpVerbs, OnlyABlankEndsAVerb) {
  for (const char* line : {"", " NOOP", "NOOP\t", "NOOP\r", "NOOPX", "NOO", "NOOP\xe9",
                           "STARTTLS\t", "AUTHPLAIN x", "MAIL:<a@b>"}) {
    EXPECT_EQ(&verb_of(line), &unknown_command()) << line;
  }
}

TEST(SmtpVerbs, EachRowHasItsEffect) {
  for (const char* word : {"HELO", "EHLO", "MAIL", "RCPT", "DATA", "RSET", "NOOP", "VRFY",
                           "HELP", "QUIT", "STARTTLS", "AUTH"}) {
    EXPECT_EQ(find_smtp_verb(word).name, word);
    EXPECT_NE(find_smtp_verb(word).effect, nullptr) << word;
  }
  for (const SmtpVerb* verb : {&unknown_command(), &session_start(), &end_of_data()}) {
    EXPECT_NE(verb->effect, nullptr);
  }
}

TEST(SmtpVerbs, HelpNamesTheVerbs) {
  SmtpState state{SmtpServerSettings()};
  SmtpRequest request;
  EXPECT_EQ(find_smtp_verb("HELP").effect(state, request, {}).reply,
            "214 HELO EHLO MAIL RCPT DATA RSET NOOP VRFY HELP QUIT, see qmail-smtpd(8)\r\n");
}

}  // namespace
}  // namespace reqmail::proto
