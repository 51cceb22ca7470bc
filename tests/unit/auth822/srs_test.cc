// Tokens: the expected ones are those of Mail::SRS 0.31.
#include "auth822/srs.h"

#include <gtest/gtest.h>

namespace reqmail::auth822 {
namespace {

constexpr std::uint64_t kNow = 1700000000;
constexpr std::uint64_t kDay = 86400;

SrsSettings settings(std::vector<std::string> secrets = {"hidden", "older"}) {
  SrsSettings made;
  made.domain = "fwd.example";
  made.secrets = std::move(secrets);
  return made;
}

std::string forward(std::string_view sender, const SrsSettings& made = settings()) {
  return srs_forward(sender, made, kNow).value_or("");
}

std::string reverse(std::string_view address, const SrsSettings& made = settings(),
                    std::uint64_t time = kNow) {
  const SrsSender sender = srs_reverse(address, made, time);
  switch (sender.fault) {
  case SrsFault::none:
    return sender.address;
  case SrsFault::not_srs:
    return "not srs";
  case SrsFault::forged:
    return "forged";
  case SrsFault::expired:
    break;
  }
  return "expired";
}

TEST(Srs, TokensAreThoseOfOthers) {
  EXPECT_EQ(forward("ann@sender.example"), "SRS0=X7ZH=G3=sender.example=ann@fwd.example");
  EXPECT_EQ(forward("Ann.B+c@Sender.Example"),
            "SRS0=kBIR=G3=Sender.Example=Ann.B+c@fwd.example");
  EXPECT_EQ(forward("x=y@z.example"), "SRS0=Ycwp=G3=z.example=x=y@fwd.example");
  SrsSettings longer = settings({"hidden"});
  longer.hash_length = 12;
  longer.separator = '-';
  EXPECT_EQ(forward("ann@sender.example", longer),
            "SRS0-X7ZHFh48rAvV=G3=sender.example=ann@fwd.example");
}

TEST(Srs, ASecondForwarderKeepsTheFirst) {
  const std::string twice = "SRS1=qK6E=one.example=+abcd=G3=a.example=ann@fwd.example";
  EXPECT_EQ(forward("SRS0+abcd=G3=a.example=ann@one.example"), twice);
  EXPECT_EQ(forward("SRS1=wxyz=one.example=+abcd=G3=a.example=ann@two.example"), twice);
  EXPECT_EQ(reverse(twice), "SRS0+abcd=G3=a.example=ann@one.example");
  EXPECT_EQ(reverse(twice, settings({"wrong"})), "forged");
  EXPECT_EQ(reverse("SRS1=qK6E=six.example=+abcd=G3=a.example=ann@fwd.example"), "forged");
}

TEST(Srs, WhatIsForwardedComesBack) {
  for (const char* sender :
       {"ann@sender.example", "x=y@z.example", "=@a.example", "\"a b\"@c.example",
        "srs0x@a.example", "SRS1@a.example", "a@b@c.example"}) {
    EXPECT_EQ(reverse(forward(sender)), sender);
  }
  EXPECT_EQ(forward("@a.example"), "");
  EXPECT_EQ(forward("nobody"), "");
  EXPECT_EQ(forward("nobody@"), "");
}

TEST(Srs, CaseDoesNotMatterAndTheOldSecretCounts) {
  EXPECT_EQ(reverse("srs0=x7zh=g3=sender.example=ann@FWD.example"), "ann@sender.example");
  EXPECT_EQ(reverse("SRS0=X7ZH=G3=SENDER.EXAMPLE=ANN@fwd.example"), "ANN@SENDER.EXAMPLE");
  EXPECT_EQ(reverse("SRS0=y6n9=G3=sender.example=ann@fwd.example"), "ann@sender.example");
  EXPECT_EQ(reverse("SRS0=y6n9=G3=sender.example=ann@fwd.example", settings({"hidden"})),
            "forged");
}

TEST(Srs, ForgedOrOfAnotherForm) {
  for (const char* address :
       {"SRS0=X7ZH=G3=sender.example=bob@f", "SRS0=X7ZI=G3=sender.example=ann@f",
        "SRS0=X7ZH=G4=sender.example=ann@f", "SRS0=X7Z=G3=sender.example=ann@f",
        "SRS0==G3=sender.example=ann@f", "SRS0=abcd@f", "SRS0=@f", "SRS1=@f", "SRS1=abcd=f@f",
        "SRS0=X7ZHF=G3=sender.example=ann@f"}) {
    EXPECT_EQ(reverse(address), "forged") << address;
  }
  for (const char* address : {"ann@f", "SRS0@f", "SRS0X=@f", "SRS2=a=b=c@f", "", "@f"}) {
    EXPECT_EQ(reverse(address), "not srs") << address;
    EXPECT_FALSE(looks_like_srs(address));
  }
  EXPECT_TRUE(looks_like_srs("srs0-x@f"));
  EXPECT_TRUE(looks_like_srs("SRS1+"));
}

TEST(Srs, HashesFromTheMinimumOnCount) {
  SrsSettings longer = settings();
  longer.hash_length = 12;
  longer.hash_min = 4;
  EXPECT_EQ(reverse("SRS0=X7ZH=G3=sender.example=ann@f", longer), "ann@sender.example");
  EXPECT_EQ(reverse("SRS0=X7ZHFh48rAvV=G3=sender.example=ann@f", longer), "ann@sender.example");
  EXPECT_EQ(reverse("SRS0=X7ZHFh48rAvVx=G3=sender.example=ann@f", longer), "forged");
  longer.hash_min = 5;
  EXPECT_EQ(reverse("SRS0=X7ZH=G3=sender.example=ann@f", longer), "forged");
  // A minimum above the length would refuse all of our own.
  longer.hash_length = 4;
  EXPECT_EQ(reverse("SRS0=X7ZH=G3=sender.example=ann@f", longer), "ann@sender.example");
}

TEST(Srs, TokensExpire) {
  const std::string address = forward("ann@sender.example");
  EXPECT_EQ(reverse(address, settings(), kNow + 21 * kDay), "ann@sender.example");
  EXPECT_EQ(reverse(address, settings(), kNow + 22 * kDay), "expired");
  EXPECT_EQ(reverse(address, settings(), kNow - kDay), "expired");
  // The days are counted in a cycle.
  EXPECT_EQ(reverse(address, settings(), kNow + 1024 * kDay), "ann@sender.example");
  SrsSettings today = settings();
  today.max_age = 0;
  EXPECT_EQ(reverse(address, today), "ann@sender.example");
}

}  // namespace
}  // namespace reqmail::auth822
