#include "sign/key_choice.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "sign/signing_lists.h"
#include "tests/unit/support/temporary_home.h"

namespace reqmail::sign {
namespace {

using Lines = std::vector<std::string>;

std::string texts_of(const std::vector<base::BadLine>& bad) {
  std::string text;
  for (const base::BadLine& line : bad) {
    text += line.text + " (" + line.why + ")\n";
  }
  return text;
}

class KeyChoice : public ::testing::Test {
 protected:
  static void key(const std::string& path) {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    testing::put_file(path, "x");
  }

  // "d=/s=/path" of each key.
  std::string keys(std::string_view domain) {
    const auto chosen = choose_keys(lists_, domain);
    if (!chosen) {
      return "failure: " + chosen.error().text;
    }
    std::string text;
    for (const SigningKey& one : *chosen) {
      text += one.domain + " " + one.selector + " " + one.path + "\n";
    }
    return text;
  }

  void dkimkeys(const Lines& lines) {
    std::vector<base::BadLine> bad;
    lists_.dkimkeys = read_dkimkeys(lines, bad);
    EXPECT_EQ(texts_of(bad), "");
  }

  void dkimdomains(const Lines& lines) {
    std::vector<base::BadLine> bad;
    lists_.dkimdomains = read_dkimdomains(lines, bad);
    EXPECT_EQ(texts_of(bad), "");
  }

  testing::TemporaryHome home_;
  SigningLists lists_;
};

TEST_F(KeyChoice, OfTheDirectory) {
  EXPECT_EQ(keys("d.example"), "");
  key("control/domainkeys/d.example/default");
  EXPECT_EQ(keys("D.example"), "d.example default control/domainkeys/d.example/default\n");
  key("control/domainkeys/d.example/ed25519");
  EXPECT_EQ(keys("d.example"),
            "d.example default control/domainkeys/d.example/default\n"
            "d.example ed25519 control/domainkeys/d.example/ed25519\n");
  key("control/domainkeys/e.example/ed25519");
  EXPECT_EQ(keys("e.example"), "e.example ed25519 control/domainkeys/e.example/ed25519\n");
}

TEST_F(KeyChoice, ParentsHaveTwoLabelsOrMore) {
  key("control/domainkeys/d.example/default");
  key("control/domainkeys/example/default");
  EXPECT_EQ(keys("a.b.d.example"), "d.example default control/domainkeys/d.example/default\n");
  EXPECT_EQ(keys("other.example"), "");
  EXPECT_EQ(keys("xd.example"), "");
}

TEST_F(KeyChoice, NamesThatAreNoDomains) {
  key("control/domainkeys/default");
  key("control/domainkeys/x/y.example/default");
  for (const char* const name : {"", ".", "..", "../domainkeys", "x/y.example", "a..b", ".a"}) {
    EXPECT_EQ(keys(name), "") << name;
  }
}

TEST_F(KeyChoice, LinesComeBeforeTheDirectory) {
  key("control/domainkeys/d.example/default");
  key("control/domainkeys/sub.e.example/default");
  dkimkeys({"d.example:control/keys/%/Mail", "D.EXAMPLE:/keys/ed:DKIMSIGNOPTIONS=-c s",
            "e.example:k/e"});
  EXPECT_EQ(keys("d.example"),
            "d.example mail control/keys/d.example/Mail\n"
            "d.example ed /keys/ed\n");
  EXPECT_EQ(keys("x.d.example").substr(0, 15), "d.example mail ");
  EXPECT_EQ(keys("sub.e.example"),
            "sub.e.example default control/domainkeys/sub.e.example/default\n");
  EXPECT_EQ(keys("other.e.example"), "e.example e k/e\n");
}

TEST_F(KeyChoice, OfAllOthersThatHaveAFile) {
  dkimkeys({"*:k/all", "*:k/%/own"});
  EXPECT_EQ(keys("any.example"), "any.example all k/all\n");
  key("k/any.example/own");
  EXPECT_EQ(keys("any.example"), "any.example all k/all\nany.example own k/any.example/own\n");
}

TEST_F(KeyChoice, OldLines) {
  dkimdomains({"d.example:mx1,ed1|sign.example|@sub.sign.example|3600|s:2:l", "!quiet.example",
               "*:all|own.example"});
  EXPECT_EQ(keys("d.example"),
            "sign.example mx1 ssl/domainkeys/d.example/mx1\n"
            "sign.example ed1 ssl/domainkeys/d.example/ed1\n");
  EXPECT_EQ(keys("quiet.example"), "");
  EXPECT_EQ(keys("other.example"), "own.example all ssl/domainkeys/own.example/all\n");
  const SignatureOptions& options = lists_.dkimdomains.front().keys.front().options;
  EXPECT_EQ(options.body_form, auth822::Canonical::simple);
  EXPECT_EQ(options.identity, "@sub.sign.example");
  EXPECT_EQ(options.lifetime, 3600U);
}

// Not knowing whether there is a key is no reason to send without a signature.
TEST_F(KeyChoice, AnUnreadableDirectoryIsAFailure) {
  const std::string target = "loop";
  std::filesystem::create_directories("control/domainkeys");
  std::filesystem::create_symlink("d.example", "control/domainkeys/d.example");
  EXPECT_EQ(keys("d.example").substr(0, 54),
            "failure: control/domainkeys/d.example/default: symboli");
}

TEST_F(KeyChoice, OneKeyByName) {
  SigningKey named;
  named.selector = "s";
  named.path = "k/%/s";
  EXPECT_TRUE(choose_named_key(named, "a.d.example")->empty());
  key("k/d.example/s");
  const auto found = choose_named_key(named, "a.d.example");
  ASSERT_EQ(found->size(), 1U);
  EXPECT_EQ(found->front().path, "k/d.example/s");
  EXPECT_EQ(found->front().domain, "d.example");
  named.path = "k/none";
  EXPECT_EQ(choose_named_key(named, "a.d.example")->front().domain, "a.d.example");
  EXPECT_TRUE(choose_named_key(named, "../x")->empty());
}

TEST(SigningLists, LinesWithoutSense) {
  std::vector<base::BadLine> bad;
  const auto entries = read_dkimkeys(
      {"d.example", ":k", "d/e:k", "b\u00fccher.example:k", "d.example:k/a b",
       "d.example:", "d.example:k/", "d.example:k:DKIMSIGNOPTIONS=-z 1",
       "d.example:k:DKIMSIGNOPTIONS=-y", "d.example:k:DKIMSIGNOPTIONS=-c",
       "d.example:k:DKIMSIGNOPTIONS=-c x", "d.example:k:OTHER=1", "d.example:k:DKIMEXPIRE=x"},
      bad);
  EXPECT_TRUE(entries.empty());
  EXPECT_EQ(texts_of(bad),
            "d.example (no domain)\n"
            ":k (no domain)\n"
            "d/e:k (no domain)\n"
            "b\u00fccher.example:k (a domain with U-labels: keys have its A-labels)\n"
            "d.example:k/a b (the name of the key file is no selector)\n"
            "d.example: (the name of the key file is no selector)\n"
            "d.example:k/ (the name of the key file is no selector)\n"
            "d.example:k:DKIMSIGNOPTIONS=-z 1 (SHA-1 is not secure: -z is 2 or 4)\n"
            "d.example:k:DKIMSIGNOPTIONS=-y (unknown option -y)\n"
            "d.example:k:DKIMSIGNOPTIONS=-c (unknown option -c)\n"
            "d.example:k:DKIMSIGNOPTIONS=-c x (bad value of -c)\n"
            "d.example:k:OTHER=1 (unknown variable OTHER)\n"
            "d.example:k:DKIMEXPIRE=x (bad value)\n");
  bad.clear();
  EXPECT_TRUE(read_dkimdomains({"d.example:s|d/e", "d.example:s|||x", "d.example:s||a;b@c", "!",
                                "d.example:|d.example"},
                               bad)
                  .empty());
  EXPECT_EQ(bad.size(), 5U);
}

TEST(SigningLists, Options) {
  std::string why;
  const auto options =
      parse_sign_options("-z 2 -c t -b1 -q -t -l -i @sub.d.example -x3600", why);
  ASSERT_TRUE(options) << why;
  EXPECT_EQ(options->header_form, auth822::Canonical::relaxed);
  EXPECT_EQ(options->body_form, auth822::Canonical::simple);
  EXPECT_EQ(options->identity, "@sub.d.example");
  EXPECT_EQ(options->lifetime, 3600U);
  EXPECT_EQ(parse_sign_options("-x 1796039197", why)->end, 1796039197U);
  EXPECT_EQ(parse_sign_options("-x -", why), SignatureOptions());
  EXPECT_EQ(parse_sign_options("", why), SignatureOptions());
}

}  // namespace
}  // namespace reqmail::sign
