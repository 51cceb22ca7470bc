#include <gtest/gtest.h>

#include "auth822/auth_word.h"
#include "auth822/canonical.h"
#include "auth822/dkim_key.h"
#include "auth822/dkim_signature.h"
#include "auth822/message_header.h"
#include "auth822/tag_list.h"
#include "mail/idna.h"
#include "tests/unit/support/signed_messages.h"
#include "tests/unit/support/with_libidn2.h"

namespace reqmail::auth822 {
namespace {

TEST(TagList, TagsAndTheirWhiteSpace) {
  const auto list = TagList::parse(" v = 1 ; b=ab\n c\td==; x= ; y=é;\n");
  ASSERT_TRUE(list);
  EXPECT_EQ(list->get("v"), "1");
  EXPECT_EQ(list->get("b"), "ab\n c\td==");
  EXPECT_EQ(list->packed("b"), "abcd==");
  EXPECT_EQ(list->get("x"), "");
  EXPECT_EQ(list->get("y"), "é");
  EXPECT_FALSE(list->get("V"));
  EXPECT_EQ(list->tags().size(), 4U);
}

TEST(TagList, WhatBreaksTheGrammar) {
  for (const char* bad : {"v", "v=1; ;b=2", "=1", "1v=1", "v=1;v=1", "a b=1", "v=\x01", ";"}) {
    EXPECT_FALSE(TagList::parse(bad)) << bad;
  }
  EXPECT_TRUE(TagList::parse("")->tags().empty());
}

TEST(MessageHeader, KeepsEveryByte) {
  const MessageHeader header("A: 1\nb\t : 2\n folded\n\tmore\nno field\nFrom x\nA:3");
  ASSERT_EQ(header.fields().size(), 5U);
  EXPECT_EQ(header.fields()[1].name, "b");
  EXPECT_EQ(header.fields()[1].raw, "b\t : 2\n folded\n\tmore\n");
  EXPECT_EQ(header.fields()[1].value(), " 2\n folded\n\tmore\n");
  EXPECT_EQ(header.fields()[2].name, "");
  EXPECT_EQ(header.fields()[3].name, "");
  EXPECT_EQ(header.named("a").size(), 2U);
  EXPECT_EQ(header.named("a")[1]->raw, "A:3");
}

TEST(HeaderCutter, CutsWhereverThePiecesEnd) {
  const std::string message = "A: 1\nB: 2\n\nbody\n\nmore";
  for (std::size_t size = 1; size <= message.size(); ++size) {
    HeaderCutter cutter;
    std::string body;
    for (std::size_t at = 0; at < message.size(); at += size) {
      body += cutter.take(std::string_view(message).substr(at, size));
    }
    EXPECT_EQ(cutter.header(), "A: 1\nB: 2\n") << size;
    EXPECT_EQ(body, "body\n\nmore") << size;
  }
  HeaderCutter none;
  EXPECT_EQ(none.take("\nbody"), "body");
  EXPECT_TRUE(none.in_body());
  EXPECT_EQ(none.header(), "");
}

TEST(HeaderCutter, AHeaderHasALimit) {
  HeaderCutter cutter;
  const std::string line(1000, 'x');
  for (int i = 0; i < 1100; ++i) {
    (void)cutter.take(line);
  }
  EXPECT_TRUE(cutter.too_long());
  EXPECT_LE(cutter.header().size(), HeaderCutter::kHeaderMax + 1);
}

std::string field(std::string_view raw, Canonical form) {
  return canonical_field(MessageHeader(raw).fields()[0], form);
}

// The examples of RFC 6376 section 3.4.5.
TEST(Canonical, Fields) {
  EXPECT_EQ(field("A: X\n", Canonical::relaxed), "a:X\r\n");
  EXPECT_EQ(field("B : Y\t\n\tZ  \n", Canonical::relaxed), "b:Y Z\r\n");
  EXPECT_EQ(field("B : Y\t\n\tZ  \n", Canonical::simple), "B : Y\t\r\n\tZ  \r\n");
  EXPECT_EQ(field("A:", Canonical::relaxed), "a:\r\n");
}

std::string body(std::string_view text, Canonical form, std::size_t size = 3) {
  CanonicalBody canonical(form);
  std::string out;
  for (; !text.empty(); text.remove_prefix(std::min(size, text.size()))) {
    canonical.feed(text.substr(0, size), out);
  }
  canonical.end(out);
  return out;
}

TEST(Canonical, Bodies) {
  EXPECT_EQ(body(" C \nD \t E\n\n\n", Canonical::relaxed), " C\r\nD E\r\n");
  EXPECT_EQ(body(" C \nD \t E\n\n\n", Canonical::simple), " C \r\nD \t E\r\n");
  EXPECT_EQ(body("", Canonical::relaxed), "");
  EXPECT_EQ(body("", Canonical::simple), "\r\n");
  EXPECT_EQ(body("\n \n\n", Canonical::relaxed), "");
  EXPECT_EQ(body("\n \n\n", Canonical::simple), "\r\n \r\n");
  EXPECT_EQ(body("a\n\n\nb", Canonical::relaxed), "a\r\n\r\n\r\nb\r\n");
  EXPECT_EQ(body("a\rb\n", Canonical::relaxed), "a\rb\r\n");
}

// The definition of RFC 6376 section 3.4.4, line by line.
std::string relaxed_by_lines(std::string_view text) {
  std::string out;
  std::string line_ends;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string line;
    for (const char c : text.substr(0, end)) {
      const bool blank = c == ' ' || c == '\t';
      if (!blank || !line.ends_with(' ')) {
        line += blank ? ' ' : c;
      }
    }
    if (line.ends_with(' ')) {
      line.pop_back();
    }
    if (!line.empty()) {
      out += line_ends + line;
      line_ends.clear();
    }
    line_ends += "\r\n";
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return out.empty() ? out : out + "\r\n";
}

TEST(Canonical, EveryShortBodyInPiecesOfEverySize) {
  constexpr std::string_view kBytes = "a \t\n";
  constexpr std::size_t kLength = 6;
  constexpr unsigned kBodies = 1U << (2 * kLength);
  for (unsigned number = 0; number < kBodies; ++number) {
    std::string text;
    for (unsigned at = 0; at < kLength; ++at) {
      text += kBytes[number >> (2 * at) & 3U];
    }
    for (std::size_t size = 1; size <= kLength; ++size) {
      ASSERT_EQ(body(text, Canonical::relaxed, size), relaxed_by_lines(text)) << number;
    }
  }
}

RawField signature_field(std::string_view text) {
  return MessageHeader(text).fields()[0];
}

TEST(DkimSignature, TagsOfAGoodOne) {
  const auto parsed = parse_dkim_signature(signature_field(test::kRsaLength));
  ASSERT_TRUE(parsed.signature) << parsed.problem;
  const DkimSignature& signature = *parsed.signature;
  EXPECT_EQ(signature.header_form, Canonical::relaxed);
  EXPECT_EQ(signature.body_form, Canonical::simple);
  EXPECT_EQ(signature.key_name(), "r._domainkey.d.example");
  EXPECT_EQ(signature.identity_domain, "d.example");
  EXPECT_EQ(signature.length, 48U);
  EXPECT_EQ(signature.names,
            (std::vector<std::string>{"from", "to", "subject", "date", "message-id", "from"}));
  EXPECT_EQ(parsed.labels.signature_start, "ZjpwBaDu");
  EXPECT_EQ(parsed.labels.identity, "@d.example");
}

// RFC 8616 section 4.
TEST(DkimSignature, ULabelsStandForTheirALabels) {
  const auto parse = [](const std::string& where) {
    return parse_dkim_signature(signature_field(
        "DKIM-Signature: v=1; a=rsa-sha256; h=from; bh=AAAA; b=AAAA; " + where + "\n"));
  };
  if (!mail::can_convert_u_labels()) {
    EXPECT_EQ(parse("d=b\u00fccher.example; s=s").problem, "d= or s= is no domain");
    return;
  }
  const auto parsed =
      parse("d=B\u00fccher.example; s=schl\u00fcssel; i=j\u00f6rg@a.xn--bcher-kva.example");
  ASSERT_TRUE(parsed.signature) << parsed.problem;
  EXPECT_EQ(parsed.signature->domain, "xn--bcher-kva.example");
  EXPECT_EQ(parsed.signature->key_name(), "xn--schlssel-95a._domainkey.xn--bcher-kva.example");
  EXPECT_EQ(parsed.signature->identity_domain, "a.xn--bcher-kva.example");
  EXPECT_EQ(parsed.labels.domain, "xn--bcher-kva.example");
  EXPECT_EQ(parsed.labels.identity, "j\u00f6rg@a.xn--bcher-kva.example");
  EXPECT_EQ(parse("d=xn--bcher-kva.example; s=s; i=@b\u00fccher.example").problem, "");
  EXPECT_EQ(parse("d=\u2028.example; s=s").problem, "d= or s= is no domain");
  EXPECT_EQ(parse("d=d.example; s=\xff").problem, "d= or s= is no domain");
}

TEST(DkimSignature, EachProblemIsNamed) {
  const std::string good = "v=1; a=rsa-sha256; d=d.example; s=s; h=from; bh=AAAA; b=AAAA";
  const auto problem = [](const std::string& tags) {
    return parse_dkim_signature(signature_field("DKIM-Signature: " + tags + "\n")).problem;
  };
  EXPECT_EQ(problem(good), "");
  EXPECT_EQ(problem("v=1; v=1"), "bad tag list");
  EXPECT_EQ(problem("v=2; " + good.substr(5)), "unknown v=");
  EXPECT_EQ(problem(good.substr(5)), "no v=");
  EXPECT_EQ(problem(good + "; c=other"), "unknown c=");
  EXPECT_EQ(problem(good + "; i=@e.example"), "i= is not within d=");
  EXPECT_EQ(problem(good + "; i=@bad.example"), "i= is not within d=");
  EXPECT_EQ(problem(good + "; i=u@sub.d.example"), "");
  EXPECT_EQ(problem(good + "; l=x"), "l= is no number");
  EXPECT_EQ(problem(good + "; t=5; x=5"), "x= is not after t=");
  EXPECT_EQ(problem(good + "; q=http"), "unknown q=");
  EXPECT_EQ(problem(good + "; q=http:dns/txt"), "");
  EXPECT_EQ(problem("v=1; a=rsa-sha1; d=d.example; s=s; h=from; bh=AAAA; b=AAAA"),
            "rsa-sha1 is not secure");
  EXPECT_EQ(problem("v=1; a=rsa-sha256; d=d.example; s=s; h=to; bh=AAAA; b=AAAA"),
            "h= lacks From");
  EXPECT_EQ(problem("v=1; a=rsa-sha256; d=d..example; s=s; h=from; bh=AAAA; b=AAAA"),
            "d= or s= is no domain");
  EXPECT_EQ(problem("v=1; a=rsa-sha256; d=d.example; s=s; h=from; bh=*; b=AAAA"),
            "bh= is no base64");
}

TEST(DkimSignature, ItsOwnValueIsTakenOut) {
  EXPECT_EQ(without_signature({"x", "X: a=1; b = q\n r ; bh=z\n"}).raw, "X: a=1; b =; bh=z\n");
  EXPECT_EQ(without_signature({"x", "X: b=abc\n"}).raw, "X: b=");
}

TEST(DkimSignature, FieldsAreTakenFromTheBottom) {
  const MessageHeader header("S: 1\nF: a\nF: b\n");
  DkimSignature signature;
  signature.header_form = Canonical::relaxed;
  signature.names = {"f", "f", "f", "gone", "s"};
  EXPECT_EQ(signed_header(header, signature, header.fields()[0]), "f:b\r\nf:a\r\ns:1");
}

DkimKeyFound key(const std::string& record, SignatureAlgorithm algorithm) {
  DkimSignature signature;
  signature.algorithm = algorithm;
  signature.domain = "d.example";
  signature.identity_domain = "sub.d.example";
  return find_dkim_key({record}, signature);
}

TEST(DkimKey, Records) {
  using enum SignatureAlgorithm;
  EXPECT_TRUE(key(std::string(test::kRsaKey), rsa_sha256).key);
  EXPECT_TRUE(key("p=AAAA", rsa_sha256).key);
  EXPECT_TRUE(key("p=AAAA; t=y", rsa_sha256).key->testing);
  EXPECT_TRUE(key("p=AAAA; h=sha1:sha256; s=x:email", rsa_sha256).key);
  const std::vector<std::pair<std::string, std::string>> bad = {
      {"v=DKIM2; p=AAAA", "key of another version"},
      {"p=AAAA; v=DKIM1", "key of another version"},
      {"p=AAAA; h=sha1", "key is not for sha256"},
      {"p=AAAA; s=tlsrpt", "key is not for mail"},
      {"p=AAAA; k=ed25519", "key is of another type"},
      {"k=rsa", "key record has no p="},
      {"p=", "key is revoked"},
      {"p=AAAA; t=s", "key is not for subdomains"},
      {"p=*", "p= is no base64"},
      {"garbage", "bad key record"},
  };
  for (const auto& [record, problem] : bad) {
    EXPECT_EQ(key(record, rsa_sha256).problem, problem) << record;
  }
  EXPECT_EQ(key(std::string(test::kRsaKey), ed25519_sha256).problem, "key is of another type");
  EXPECT_EQ(find_dkim_key({}, DkimSignature()).problem, "no key");
}

TEST(AuthWord, Words) {
  EXPECT_EQ(auth_word(AuthWord::none), "none");
  EXPECT_EQ(auth_word(AuthWord::policy), "policy");
  EXPECT_EQ(auth_word(AuthWord::permerror), "permerror");
}

}  // namespace
}  // namespace reqmail::auth822
