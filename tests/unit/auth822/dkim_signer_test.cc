#include "auth822/dkim_signer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "base/text.h"

namespace reqmail::auth822 {
namespace {

constexpr std::string_view kHeader =
    "Received: (qmail 1 invoked by uid 7); x\n"
    "Delivered-To: x\n"
    "Return-Path: <x>\n"
    "Authentication-Results: mx; none\n"
    "DKIM-Signature: v=1\n"
    "ARC-Seal: i=1\n"
    "From: Ann <ann@d.example>\n"
    "Subject: a\n  plan \n"
    "List-Id: <l.d.example>\n"
    "MIME-Version: 1.0\n"
    "Content-Transfer-Encoding: 8bit\n"
    "Resent-From: x@y\n"
    "X-Other: 1\n";

SignatureRequest request() {
  SignatureRequest made;
  made.domain = "d.example";
  made.selector = "s1";
  made.time = 1796039197;
  return made;
}

std::size_t count(const std::vector<std::string>& names, std::string_view name) {
  return static_cast<std::size_t>(std::count(names.begin(), names.end(), name));
}

TEST(DkimSigner, SignsWhatTheReaderSeesAndNoTrace) {
  const auto names = names_to_sign(MessageHeader(kHeader));
  for (const char* const twice : {"from", "subject"}) {
    EXPECT_EQ(count(names, twice), 2U) << twice;
  }
  for (const char* const once : {"to", "cc", "date", "reply-to", "message-id", "content-type",
                                 "list-unsubscribe", "list-unsubscribe-post", "list-id",
                                 "mime-version", "content-transfer-encoding", "resent-from"}) {
    EXPECT_EQ(count(names, once), 1U) << once;
  }
  for (const char* const never : {"received", "delivered-to", "return-path", "x-other",
                                  "authentication-results", "dkim-signature", "arc-seal"}) {
    EXPECT_EQ(count(names, never), 0U) << never;
  }
}

// What is signed is what a verifier computes from the finished field.
void expect_verifiable(const SignatureRequest& asked) {
  const MessageHeader header(kHeader);
  const auto signature = MessageSignature::dkim(header, asked, "hash");
  const std::string field = signature.field(std::string(256, 'x'));
  const MessageHeader sent(field + std::string(kHeader));
  const RawField& own = sent.fields().front();
  const auto parsed = parse_dkim_signature(own);
  ASSERT_TRUE(parsed.signature) << parsed.problem << field;
  EXPECT_EQ(signed_header(sent, *parsed.signature, own), signature.text());
  EXPECT_EQ(parsed.signature->signature, std::string(256, 'x'));
  EXPECT_EQ(parsed.signature->body_hash, "hash");
  EXPECT_EQ(parsed.signature->domain, "d.example");
  EXPECT_EQ(parsed.signature->selector, "s1");
  EXPECT_EQ(parsed.signature->time, asked.time);
  EXPECT_EQ(parsed.signature->expires, asked.expires);
  EXPECT_FALSE(parsed.signature->length);
  EXPECT_EQ(parsed.signature->header_form, asked.header_form);
  EXPECT_EQ(parsed.signature->body_form, asked.body_form);
  for (const std::string_view line : base::lines(field)) {
    EXPECT_LE(line.size(), 78U) << line;
    EXPECT_FALSE(line.empty());
  }
}

TEST(DkimSigner, IsVerifiable) {
  expect_verifiable(request());
  SignatureRequest other = request();
  other.header_form = Canonical::simple;
  other.body_form = Canonical::simple;
  other.algorithm = SignatureAlgorithm::ed25519_sha256;
  other.expires = other.time + 60;
  other.identity = "@sub.d.example";
  expect_verifiable(other);
}

TEST(DkimSigner, LongNamesAreNotDivided) {
  SignatureRequest asked = request();
  asked.selector = std::string(63, 's');
  asked.domain = std::string(63, 'd') + "." + std::string(63, 'e') + ".example";
  const MessageHeader header("List-" + std::string(200, 'l') + ": x\nFrom: a@b\n");
  const auto signature = MessageSignature::dkim(header, asked, "hash");
  const MessageHeader sent(signature.field("sign"));
  const auto parsed = parse_dkim_signature(sent.fields().front());
  ASSERT_TRUE(parsed.signature) << parsed.problem;
  EXPECT_EQ(parsed.signature->domain, asked.domain);
  EXPECT_EQ(parsed.signature->names, names_to_sign(header));
}

TEST(DkimSigner, AnArcMessageSignatureHasAnInstance) {
  const MessageHeader header(kHeader);
  const auto signature = MessageSignature::arc(header, request(), "hash", 3);
  const std::string field = signature.field("sign");
  EXPECT_TRUE(field.starts_with("ARC-Message-Signature: i=3; a=rsa-sha256;")) << field;
  const MessageHeader sent(field + std::string(kHeader));
  const auto parsed = parse_arc_message_signature(sent.fields().front());
  ASSERT_TRUE(parsed.signature) << parsed.problem;
  EXPECT_EQ(signed_header(sent, *parsed.signature, sent.fields().front()), signature.text());
}

TEST(DkimSigner, AHeaderWithoutFields) {
  const auto signature = MessageSignature::dkim(MessageHeader(""), request(), "hash");
  EXPECT_TRUE(signature.text().starts_with("dkim-signature:v=1; a=rsa-sha256;"));
}

}  // namespace
}  // namespace reqmail::auth822
