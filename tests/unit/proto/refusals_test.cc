// The text of each refusal, and its form in SMTP, QMTP and QMQP.
#include "proto/refusals.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace reqmail::proto {
namespace {

constexpr auto kLast = static_cast<unsigned>(RefusalKind::too_many_logins);

RefusalKind kind_at(unsigned number) {
  return static_cast<RefusalKind>(number);
}

TEST(Refusals, EachHasItsCodeAndWords) {
  for (unsigned number = 0; number <= kLast; ++number) {
    const Refusal row = refusal(kind_at(number));
    EXPECT_EQ(row.kind, kind_at(number));
    if (row.kind == RefusalKind::none) {
      EXPECT_EQ(row.code, 250U);
      continue;
    }
    EXPECT_TRUE(row.code >= 400 && row.code <= 555) << number;
    // If the text comes from somebody else, it is passed as the note.
    EXPECT_GT(refusal(kind_at(number), "note").text.size(), row.text.size()) << number;
    EXPECT_EQ(row.text.find_first_of("\r\n"), std::string::npos) << number;
    // The status code in a text must agree with the reply code.
    if (const std::size_t status = row.text.find("(#"); status != std::string::npos) {
      EXPECT_EQ(row.text[status + 2] - '0', static_cast<int>(row.code / 100)) << row.text;
    }
  }
}

// A reply 421 means that the session ends (RFC 5321 section 4.2.2).
TEST(Refusals, ASessionThatIsClosedEnds) {
  for (unsigned number = 0; number <= kLast; ++number) {
    const Refusal row = refusal(kind_at(number));
    EXPECT_TRUE(row.code != 421 || row.ends_session) << row.text;
  }
  EXPECT_FALSE(refusal(RefusalKind::not_listed).ends_session);
  EXPECT_TRUE(refusal(RefusalKind::bare_line_feed).ends_session);
}

TEST(Refusals, ANoteComesBeforeTheStatusCode) {
  EXPECT_EQ(
      refusal(RefusalKind::not_listed, ": no certificate").text,
      "sorry, that domain isn't in my list of allowed rcpthosts: no certificate (#5.7.1)");
  // A text without a status code ends with the note.
  EXPECT_EQ(refusal(RefusalKind::no_answer, "out of memory (#4.3.0)").text,
            "out of memory (#4.3.0)");
}

TEST(Refusals, TheLogKnowsOneWord) {
  std::set<std::string> words;
  for (unsigned number = 0; number <= kLast; ++number) {
    const Refusal row = refusal(kind_at(number));
    EXPECT_EQ(row.reason.find_first_of(" =\t"), std::string::npos) << row.reason;
    words.emplace(row.reason);
  }
  EXPECT_TRUE(words.contains("rcpthosts"));
  EXPECT_EQ(refusal(RefusalKind::too_large).reason, "size");
}

TEST(Refusals, AQuestionWithoutAnAnswerEndsTheSession) {
  const Refusal refused = refusal_for(temporary("unable to read controls (#4.3.0)"));
  EXPECT_EQ(smtp_reply_line(refused), "421 unable to read controls (#4.3.0)\r\n");
  EXPECT_TRUE(refused.ends_session);
  EXPECT_EQ(refused.reason, "");
}

TEST(Refusals, AFrameHasTheLetterOfTheCode) {
  EXPECT_EQ(frame_verdict(refusal(RefusalKind::too_large)),
            "Dsorry, that message size exceeds my databytes limit (#5.3.4)");
  EXPECT_EQ(frame_verdict(refusal(RefusalKind::no_queue)), "Zqqt failure (#4.3.0)");
  // No refusal may look like an acceptance.
  for (unsigned number = 0; number <= kLast; ++number) {
    EXPECT_NE(frame_verdict(refusal(kind_at(number)))[0], 'K') << number;
  }
}

TEST(Refusals, AReplyIsOneLine) {
  EXPECT_EQ(smtp_reply_line(refusal(RefusalKind::login_first)),
            "530 Authorization required (#5.7.1) \r\n");
}

}  // namespace
}  // namespace reqmail::proto
