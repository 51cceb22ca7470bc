#include "auth822/arc_sealer.h"

#include <gtest/gtest.h>

#include <string>

#include "base/text.h"

namespace reqmail::auth822 {
namespace {

constexpr std::string_view kMail = "From: a@d.example\n";

std::string set_of(std::size_t instance, std::string_view verdict) {
  const std::string number = std::to_string(instance);
  const std::string tags = "; a=rsa-sha256; d=d.example; s=s; b=AAAA";
  return base::concat(
      {"ARC-Seal: i=", number, "; cv=", verdict, tags, "\nARC-Message-Signature: i=", number,
       tags, "; h=from; bh=AAAA\nARC-Authentication-Results: i=", number, "; x; none\n"});
}

RawField results(std::string_view arc) {
  return {"authentication-results",
          base::concat({"Authentication-Results: mx.example;\n arc=", arc, "; dkim=pass\n"})};
}

SignatureRequest request() {
  SignatureRequest made;
  made.domain = "mx.example";
  made.selector = "s1";
  made.time = 12345;
  return made;
}

// The instance and verdict of the new seal; empty if there is none.
std::string sealed(const std::string& sets, std::string_view arc) {
  const MessageHeader header(sets + std::string(kMail));
  const RawField own = results(arc);
  const auto sealer = ArcSealer::begin(header, own);
  if (!sealer) {
    return {};
  }
  const std::string field =
      sealer->seal(request(), "ARC-Message-Signature: x\n").field.with("");
  return field.substr(0, field.find("; d="));
}

TEST(ArcSealer, WhatTheSealSaysOfTheChain) {
  const std::string one = set_of(1, "none");
  EXPECT_EQ(sealed("", "none"), "ARC-Seal: i=1; a=rsa-sha256; t=12345; cv=none");
  EXPECT_EQ(sealed(one, "pass"), "ARC-Seal: i=2; a=rsa-sha256; t=12345; cv=pass");
  EXPECT_EQ(sealed(one, "fail"), "ARC-Seal: i=2; a=rsa-sha256; t=12345; cv=fail");
  EXPECT_EQ(sealed(set_of(3, "pass"), "fail"), "ARC-Seal: i=4; a=rsa-sha256; t=12345; cv=fail");
  EXPECT_EQ(sealed(set_of(1, "none") + set_of(1, "none") + set_of(2, "pass"), "fail"),
            "ARC-Seal: i=3; a=rsa-sha256; t=12345; cv=fail");
}

TEST(ArcSealer, WhatIsNotSealed) {
  EXPECT_EQ(sealed("", "pass"), "");
  EXPECT_EQ(sealed("", "fail"), "");
  EXPECT_EQ(sealed(set_of(1, "none"), "none"), "");
  EXPECT_EQ(sealed(set_of(1, "none"), "temperror"), "");
  EXPECT_EQ(sealed(set_of(2, "pass"), "pass"), "");
  EXPECT_EQ(sealed(set_of(1, "none") + set_of(2, "fail"), "fail"), "");
  EXPECT_EQ(sealed(set_of(50, "pass"), "fail"), "");
  EXPECT_EQ(sealed(set_of(51, "pass") + set_of(1, "none"), "fail"), "");
}

TEST(ArcSealer, AResultThatIsMissing) {
  const RawField own{"authentication-results", "Authentication-Results: mx; dkim=pass\n"};
  const MessageHeader plain(kMail);
  EXPECT_TRUE(ArcSealer::begin(plain, own));
  const MessageHeader chained(set_of(1, "none"));
  EXPECT_FALSE(ArcSealer::begin(chained, own));
}

// What is signed is what a verifier computes from the finished set.
TEST(ArcSealer, IsVerifiable) {
  for (std::size_t sets = 0; sets < 3; ++sets) {
    std::string before(kMail);
    for (std::size_t at = 1; at <= sets; ++at) {
      before = set_of(at, at == 1 ? "none" : "pass") + before;
    }
    const MessageHeader header(before);
    const RawField own = results(sets == 0 ? "none" : "pass");
    const auto sealer = ArcSealer::begin(header, own);
    ASSERT_TRUE(sealer);
    const auto message = MessageSignature::arc(header, request(), "hash", sealer->instance());
    const std::string field = message.field("sign");
    const auto seal = sealer->seal(request(), field);
    const MessageHeader sent(seal.field.with("seal") + field + sealer->results() + before);
    const ArcChain chain = read_arc_chain(sent);
    EXPECT_EQ(chain.problem, "");
    ASSERT_EQ(chain.sets.size(), sets + 1);
    EXPECT_EQ(sealed_text(chain, sets + 1), seal.text);
    EXPECT_EQ(chain.sets.back().seal_signature.signature->signature, "seal");
  }
}

TEST(ArcSealer, AFailedChainIsLeftOut) {
  const MessageHeader header(set_of(1, "none") + std::string(kMail));
  const RawField own = results("fail");
  const auto seal =
      ArcSealer::begin(header, own)->seal(request(), "ARC-Message-Signature: x\n");
  EXPECT_TRUE(seal.text.starts_with("arc-authentication-results:i=2; mx.example; arc=fail;"));
}

}  // namespace
}  // namespace reqmail::auth822
