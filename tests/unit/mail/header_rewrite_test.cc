// The rules of qmail-inject for headers, with complete headers.
#include "mail/header_rewrite.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "mail/header_reader.h"

namespace reqmail::mail {
namespace {

HeaderSettings settings() {
  HeaderSettings known;
  known.user = "alice";
  known.sender_user = "alice";
  known.id_host = "id.example";
  known.now = base::from_epoch(1795367033);  // 22 Nov 2026 17:03:53
  known.process_id = 1234;
  return known;
}

const AddressDefaults& defaults() {
  static const AddressDefaults kDefaults =
      *AddressDefaults::parse("h.example", "d.example", "p.example");
  return kDefaults;
}

Result<RewrittenHeader> rewrite(std::string_view header, HeaderSettings known = settings(),
                                const std::optional<std::string>& sender = std::nullopt) {
  HeaderRewriter rewriter(std::move(known), defaults());
  HeaderReader reader([&rewriter](std::string_view field) { return rewriter.add(field); });
  auto added = reader.add(header);
  if (!added) {
    return added.error();
  }
  if (auto done = reader.finish(); !done) {
    return done.error();
  }
  return rewriter.finish(sender);
}

constexpr std::string_view kDate = "Date: 22 Nov 2026 17:03:53 -0000\n";
constexpr std::string_view kId = "Message-ID: <20261122170353.1234.qmail@id.example>\n";

std::string with_added(std::string_view rest) {
  return std::string(kDate) + std::string(kId) + "From: alice@h.example\n" + std::string(rest);
}

TEST(HeaderRewrite, AddsWhatIsMissing) {
  const auto header = rewrite("Subject: x\n");
  ASSERT_TRUE(header);
  EXPECT_EQ(header->text, with_added("Cc: recipient list not shown: ;\nSubject: x\n"));
  EXPECT_EQ(header->sender, "alice@h.example");
  EXPECT_TRUE(header->recipients.empty());
}

TEST(HeaderRewrite, AddsNothingToACompleteHeader) {
  const std::string_view complete =
      "Date: x\nFrom: a@b.c\nTo: d@e.f\nMessage-Id: <1>\nMBOX: \n";
  const auto header = rewrite(complete);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->text, complete);
  EXPECT_EQ(header->recipients, std::vector<std::string>{"d@e.f"});
}

TEST(HeaderRewrite, DropsBccReturnPathAndContentLength) {
  const auto header =
      rewrite("To: a\nBcc: b\nReturn-Path: <x>\nContent-Length: 3\nResent-Foo: 1\n");
  ASSERT_TRUE(header);
  EXPECT_EQ(header->text, with_added("To: a@h.example\nResent-Foo: 1\n"));
  EXPECT_EQ(header->sender, "x@h.example");
  EXPECT_EQ(header->recipients, (std::vector<std::string>{"a@h.example", "b@h.example"}));
}

TEST(HeaderRewrite, ResentModeHasItsOwnRecipientsAndFields) {
  const auto header = rewrite("To: a\nBcc: b\nResent-To: c\nResent-Bcc: d\n");
  ASSERT_TRUE(header);
  EXPECT_EQ(header->text, "Resent-" + std::string(kDate) + "Resent-" + std::string(kId) +
                              "Resent-From: alice@h.example\n"
                              "To: a@h.example\nResent-To: c@h.example\n");
  EXPECT_EQ(header->recipients, (std::vector<std::string>{"c@h.example", "d@h.example"}));
}

TEST(HeaderRewrite, LettersOfQmailinjectDelete) {
  HeaderSettings known = settings();
  known.delete_from = known.delete_message_id = known.delete_return_path = true;
  // A field that is removed is not even parsed.
  const auto header = rewrite("From: (\nMessage-ID: <1>\nReturn-Path: )\nTo: a@b.c\n", known);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->text, with_added("To: a@b.c\n"));
  EXPECT_EQ(header->sender, "alice@h.example");
}

TEST(HeaderRewrite, FullNames) {
  HeaderSettings known = settings();
  known.full_name = "A \"B\"\nBcc: x";
  auto header = rewrite("To: a@b.c\nDate:\nMessage-ID:\n", known);
  ASSERT_TRUE(header);
  EXPECT_TRUE(header->text.starts_with("From: \"A \\\"B\\\" Bcc: x\" <alice@h.example>\n"));
  known.name_as_comment = true;
  header = rewrite("To: a@b.c\nDate:\nMessage-ID:\n", known);
  ASSERT_TRUE(header);
  EXPECT_TRUE(header->text.starts_with("From: alice@h.example (A \\\"B\\\" Bcc: x)\n"));
}

TEST(HeaderRewrite, VerpSenders) {
  HeaderSettings known = settings();
  known.verp_per_recipient = true;
  EXPECT_EQ(rewrite("", known)->sender, "alice-@h.example-@[]");
  EXPECT_EQ(rewrite("Return-Path: <l@b.c>\n", known)->sender, "l@b.c-@[]");
  EXPECT_EQ(rewrite("Return-Path: <>\n", known)->sender, "-@[]");
  EXPECT_EQ(rewrite("", known, "f@b.c")->sender, "f@b.c");
  known.verp_per_message = true;
  EXPECT_EQ(rewrite("", known)->sender, "alice-1795367033.1234-@h.example-@[]");
  known.verp_per_recipient = false;
  EXPECT_EQ(rewrite("", known)->sender, "alice-1795367033.1234@h.example");
  EXPECT_EQ(rewrite("Return-Path: <l@b.c>\n", known)->sender, "l@b.c");
}

TEST(HeaderRewrite, SenderMayDifferFromAuthor) {
  HeaderSettings known = settings();
  known.sender_user = "bounces";
  known.sender_host = "s.example";
  known.host = "mail";
  const auto header = rewrite("To: a@b.c\n", known);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->sender, "bounces@s.example");
  EXPECT_NE(header->text.find("From: alice@mail.d.example\n"), std::string::npos);
}

TEST(HeaderRewrite, TheFirstReturnPathCounts) {
  EXPECT_EQ(rewrite("Return-Path: a@b.c, d@e.f\nReturn-Path: <g@h.i>\n")->sender, "d@e.f");
  EXPECT_EQ(rewrite("Return-Path: <>\n")->sender, "");
}

TEST(HeaderRewrite, MailFollowupTo) {
  HeaderSettings known = settings();
  known.followup_lists = base::ConstMap::of_keys({"list@l.example"});
  const std::string_view header = "To: LIST@l.example, \"b b\"@a.c\nCc: c@d.e, c@d.e\n";
  EXPECT_NE(rewrite(header, known)
                ->text.find("Mail-Followup-To: c@d.e,\n  c@d.e,\n"
                            "  LIST@l.example,\n  \"b b\"@a.c\n"),
            std::string::npos);
  for (const char* more : {"Mail-Followup-To: x\n", "Resent-To: x\n"}) {
    const auto without = rewrite(std::string(header) + more, known);
    EXPECT_EQ(without->text.find("Mail-Followup-To: c@"), std::string::npos) << more;
  }
  EXPECT_EQ(rewrite("Bcc: list@l.example\n", known)->text.find("Mail-Followup-To"),
            std::string::npos);
}

TEST(HeaderRewrite, UnreadableFieldsAreQuotedWhole) {
  const auto bad = rewrite("Subject: x\nCc: a,\n )b\nTo: c\n");
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().text, "unable to parse this line:\nCc: a,\n )b\n");
  EXPECT_EQ(bad.error().permanence, Permanence::permanent);
  HeaderSettings known = settings();
  known.user = "<s";
  known.host = "c.example>";
  const auto bad_from = rewrite("To: a@b.c\n", known);
  ASSERT_FALSE(bad_from);
  EXPECT_EQ(bad_from.error().text, "unable to parse this line:\nFrom: \"<s\"@c.example>\n");
}

TEST(HeaderRewrite, NoLineEndAndNoNulReachTheEnvelope) {
  using namespace std::string_view_literals;
  for (const std::string_view header :
       {"To: \"a\n b\"@c.d\n"sv, "To: \"a\\\n b\"@c.d\n"sv, "Cc: a\0b@c.d\n"sv,
        "From: \"\0\"@c.d\n"sv, "Return-Path: <a@[\n ]>\n"sv}) {
    const auto refused = rewrite(header);
    ASSERT_FALSE(refused) << header;
    EXPECT_EQ(refused.error().permanence, Permanence::permanent);
    EXPECT_EQ(refused.error().text, "unable to parse this line:\n" + std::string(header));
  }
  // In other places line ends are kept.
  const auto kept = rewrite("To: \"B\n b\" <a@b.c> (x\n y)\nSubject: \0\n"sv);
  ASSERT_TRUE(kept);
  EXPECT_NE(kept->text.find("To: \"B\\\n b\" <a@b.c>(x\\\n y)\n"), std::string::npos);
  EXPECT_NE(kept->text.find("Subject: \0\n"sv), std::string::npos);
}

}  // namespace
}  // namespace reqmail::mail
