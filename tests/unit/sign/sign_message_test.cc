#include "sign/sign_message.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

#include "auth822/dkim_signature.h"
#include "crypto/private_key.h"
#include "crypto/public_key.h"
#include "sign/author_domain.h"
#include "sign/body_hash.h"
#include "sign/find_keys.h"
#include "sign/key_pair.h"
#include "sign/message_source.h"
#include "sign/settings.h"
#include "sys/fd.h"
#include "tests/unit/support/temporary_home.h"

namespace reqmail::sign {
namespace {

constexpr std::string_view kMessage =
    "From: Ann <ann@d.example>\nTo: Bob <bob@e.example>\nSubject: x\n\nbody \r\nb\rc\n\n\n";

class SignMessage : public ::testing::Test {
 protected:
  SignMessage() { settings_.service = "mx.example"; }

  crypto::PrivateKey key(const std::string& path,
                         crypto::KeyKind kind = crypto::KeyKind::ed25519) {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    auto made = crypto::PrivateKey::generate(kind, 1024);
    testing::put_file(path, made->pem());
    return *std::move(made);
  }

  Result<std::string> sign(std::string_view message,
                           const std::string& sender = "ann@d.example") {
    testing::put_file("message", std::string(message));
    const sys::Fd file(::open("message", O_RDONLY));
    // The position does not count, and stays.
    EXPECT_EQ(::lseek(file.get(), 3, SEEK_SET), 3);
    auto fields = sign_message(settings_, {sender, file.get(), 1796039197},
                               find_in_files(settings_), [this]() {
                                 ++confined_;
                                 return Result<void>();
                               });
    EXPECT_EQ(::lseek(file.get(), 0, SEEK_CUR), 3);
    return fields;
  }

  SignerSettings settings_;
  int confined_ = 0;
  testing::TemporaryHome home_;
};

// Whether the first field of the text is a good signature by the key; `sent` is the message as
// a verifier gets it.
void expect_good(const std::string& fields, std::string_view sent,
                 const crypto::PrivateKey& key) {
  const std::string text = fields + std::string(sent);
  const auth822::MessageHeader header(text.substr(0, text.find("\n\n") + 1));
  const auto& own = header.fields().front();
  const auto parsed = auth822::parse_dkim_signature(own);
  ASSERT_TRUE(parsed.signature) << parsed.problem;
  const auto known = key.kind() == crypto::KeyKind::rsa
                         ? crypto::PublicKey::rsa(key.public_bytes())
                         : crypto::PublicKey::ed25519(key.public_bytes());
  EXPECT_TRUE(known->verify(signed_header(header, *parsed.signature, own),
                            parsed.signature->signature));
  BodyHash body(parsed.signature->body_form);
  body.feed(sent.substr(sent.find("\n\n") + 2));
  EXPECT_EQ(body.finish(), parsed.signature->body_hash);
}

TEST_F(SignMessage, SignsWhatIsSent) {
  const auto made = key("control/domainkeys/d.example/default");
  const auto fields = sign(kMessage);
  ASSERT_TRUE(fields) << fields.error().text;
  expect_good(
      *fields,
      "From: Ann <ann@d.example>\nTo: Bob <bob@e.example>\nSubject: x\n\nbody \nb c\n\n\n",
      made);
  EXPECT_EQ(confined_, 1);
}

TEST_F(SignMessage, RsaComesFirst) {
  key("control/domainkeys/d.example/default");
  const auto rsa = key("control/domainkeys/d.example/ed25519", crypto::KeyKind::rsa);
  const auto fields = sign(kMessage);
  ASSERT_TRUE(fields);
  EXPECT_EQ(auth822::MessageHeader(*fields).fields().size(), 2U);
  EXPECT_TRUE(fields->starts_with("DKIM-Signature: v=1; a=rsa-sha256;"));
}

TEST_F(SignMessage, WithoutKeyNothing) {
  EXPECT_EQ(*sign(kMessage), "");
  EXPECT_EQ(*sign(""), "");
  EXPECT_EQ(confined_, 0);
}

TEST_F(SignMessage, ABadKeyIsAFailureThatNamesIt) {
  std::filesystem::create_directories("control/domainkeys/d.example");
  testing::put_file("control/domainkeys/d.example/default", "no key");
  const auto fields = sign(kMessage);
  ASSERT_FALSE(fields);
  EXPECT_EQ(fields.error().text,
            "control/domainkeys/d.example/default: no private key in PEM of RSA or Ed25519 "
            "without a password");
}

TEST_F(SignMessage, LargeMessagesInPieces) {
  const auto made = key("control/domainkeys/d.example/default");
  std::string message = "From: ann@d.example\nX: ";
  message += std::string(70000, 'x') + "\n\n";
  for (int line = 0; line < 5000; ++line) {
    message += "a line of some length \t with blanks\n";
  }
  const auto fields = sign(message);
  ASSERT_TRUE(fields);
  expect_good(*fields, message, made);
}

TEST_F(SignMessage, AHeaderWithoutEndIsSent) {
  key("control/domainkeys/d.example/default");
  const std::string message = "From: ann@d.example\nX: " + std::string(2 << 20, 'x') + "\n";
  EXPECT_EQ(*sign(message), "");
}

TEST_F(SignMessage, Options) {
  std::vector<base::BadLine> bad;
  settings_.lists.dkimkeys =
      read_dkimkeys({"d.example:k/s:DKIMSIGNOPTIONS=-c s -i @sub.d.example -x 60"}, bad);
  const auto made = key("k/s");
  constexpr std::string_view kPlain = "From: ann@d.example\n\n  body  here \n\n";
  const auto fields = sign(kPlain);
  ASSERT_TRUE(fields);
  expect_good(*fields, kPlain, made);
  for (const char* const tag :
       {"c=simple/simple;", "i=@sub.d.example;", "t=1796039197;", "x=1796039257;", "s=s;"}) {
    EXPECT_NE(fields->find(tag), std::string::npos) << tag;
  }
}

TEST_F(SignMessage, OfAPipe) {
  const auto made = key("control/domainkeys/d.example/default");
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const sys::Fd read(ends[0]);
  {
    const sys::Fd write(ends[1]);
    ASSERT_EQ(::write(write.get(), kMessage.data(), kMessage.size()),
              static_cast<ssize_t>(kMessage.size()));
  }
  const auto fields = sign_message(settings_, {"", read.get(), 1}, find_in_files(settings_),
                                   [] { return Result<void>(); });
  ASSERT_TRUE(fields);
  EXPECT_TRUE(fields->starts_with("DKIM-Signature:"));
}

using Domains = std::vector<std::string>;

Domains domains_for(const std::string& header, std::string_view sender) {
  const auth822::MessageHeader parsed(header);
  return domains_to_sign_for(parsed, find_origin(parsed, "mx.example"), sender);
}

TEST(AuthorDomain, OfMailThatBeginsHere) {
  EXPECT_EQ(domains_for("From: ann@D.example\n", "x@e.example"), Domains{"d.example"});
  EXPECT_EQ(domains_for("From: a@d.example, b@e.example\n", "x@E.example"),
            Domains{"e.example"});
  EXPECT_EQ(domains_for("Subject: x\n", "x@e.example"), Domains{"e.example"});
  EXPECT_EQ(domains_for("Subject: x\n", ""), Domains{});
  EXPECT_EQ(domains_for("From: MAILER-DAEMON@d.example\n", ""), Domains{"d.example"});
}

TEST(AuthorDomain, OfStrangers) {
  const std::string forward = "Delivered-To: b@mx.example\n";
  const std::string client = "Received: from c (1)\n  by mx.example with SMTP; x\n";
  const std::string good = "Authentication-Results: mx.example; dkim=pass header.d=d.example\n";
  const std::string bad = "Authentication-Results: mx.example; dkim=fail header.d=d.example\n";
  const std::string author = "From: ann@d.example\n";
  EXPECT_EQ(domains_for(forward + client + author, "eve@evil.example"),
            Domains{"evil.example"});
  EXPECT_EQ(domains_for(forward + client + author, "x@sub.d.example"), Domains{});
  EXPECT_EQ(domains_for(forward + client + author, ""), Domains{});
  EXPECT_EQ(domains_for(forward + client + good + author, "x@evil.example"),
            (Domains{"d.example", "evil.example"}));
  EXPECT_EQ(domains_for(forward + client + good + author, "x@sub.d.example"),
            Domains{"d.example"});
  EXPECT_EQ(domains_for(forward + client + bad + author, "x@d.example"), Domains{});
  // What qmail-smtpd says, and a milter.
  EXPECT_EQ(domains_for(forward + client + bad + good + author, "x@d.example"),
            Domains{"d.example"});
  EXPECT_EQ(domains_for(forward + client + "From: a@d.example, b@e.example\n", "x@f.example"),
            Domains{});
  // A client of ours; and a stranger whose mail is relayed to the host that it is for.
  EXPECT_EQ(domains_for(client + author, "x@e.example"), Domains{"d.example"});
  EXPECT_EQ(domains_for(client + bad + author, "ann@d.example"), Domains{});
}

TEST(KeyPair, ZoneLine) {
  EXPECT_EQ(zone_line({"d.example", "s", false}, "v=DKIM1; p=x"),
            "s._domainkey.d.example. IN TXT (\"v=DKIM1; p=x\")\n");
  EXPECT_EQ(zone_line({"d", "s", false}, std::string(300, 'x')),
            "s._domainkey.d. IN TXT (\"" + std::string(255, 'x') + "\" \"" +
                std::string(45, 'x') + "\")\n");
  const auto key = crypto::PrivateKey::generate(crypto::KeyKind::ed25519, 0);
  EXPECT_EQ(key_record(*key, true).substr(0, 32),
            "v=DKIM1; k=ed25519; t=y; p=" + key_record(*key, false).substr(22, 5));
}

TEST(KeyPair, NamesThatAreNone) {
  EXPECT_EQ(make_key({"../x", "s", false}, {}).error().text, "../x is no domain name");
  EXPECT_EQ(make_key({"d.example", "a/b", false}, {}).error().text, "a/b is no domain name");
  EXPECT_EQ(show_key({"", "s", false}).error().permanence, Permanence::permanent);
}

}  // namespace
}  // namespace reqmail::sign
