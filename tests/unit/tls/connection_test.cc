// Handshakes and data between two ends of ours, over a pair of sockets; the server is a child.
#include "tls/connection.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <fstream>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "sys/clock.h"
#include "tls/callbacks.h"
#include "tls/certificate.h"
#include "tls/server_identity.h"

namespace reqmail::tls {
namespace {

constexpr TimeLimits kLimits{base::Seconds(5), base::Seconds(5)};
constexpr TimeLimits kShort{base::Seconds(1), base::Seconds(1)};

std::string text_of(BIO* bio) {
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(bio, &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

struct Pem {
  std::string certificate;
  std::string key;
  std::string locked_key;
};

Pem make_pem() {
  Handle<EVP_PKEY> key(EVP_EC_gen("P-256"));
  Handle<X509> made(X509_new());
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), 3600);
  X509_set_pubkey(made.get(), key.get());
  X509_NAME* name = X509_get_subject_name(made.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("h.example"), -1, -1, 0);
  X509_set_issuer_name(made.get(), name);
  X509_sign(made.get(), key.get(), EVP_sha256());
  Handle<BIO> certificate(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(certificate.get(), made.get());
  Handle<BIO> open(BIO_new(BIO_s_mem()));
  PEM_write_bio_PrivateKey(open.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  Handle<BIO> locked(BIO_new(BIO_s_mem()));
  PEM_write_bio_PrivateKey(locked.get(), key.get(), EVP_aes_256_cbc(),
                           reinterpret_cast<const unsigned char*>("password"), 8, nullptr,
                           nullptr);
  return {text_of(certificate.get()), text_of(open.get()), text_of(locked.get())};
}

class Tls : public ::testing::Test {
 protected:
  void SetUp() override {
    ::signal(SIGPIPE, SIG_IGN);
    char name[] = "/tmp/reqmail-tls.XXXXXX";
    ASSERT_NE(::mkdtemp(name), nullptr);
    directory_ = name;
    pem_ = make_pem();
    settings_.certificate = write("cert.pem", pem_.certificate + pem_.key);
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, sockets_), 0);
  }

  void TearDown() override {
    ::close(sockets_[0]);
    ::close(sockets_[1]);
    if (child_ > 0) {
      ::kill(child_, SIGKILL);
      ::waitpid(child_, nullptr, 0);
    }
    (void)!::system(("rm -rf " + directory_).c_str());
  }

  std::string write(const std::string& name, const std::string& text) {
    std::ofstream(directory_ + "/" + name) << text;
    return directory_ + "/" + name;
  }

  // Runs `body` in a child at the other end and uses its result as exit code.
  void at_the_other_end(const std::function<int(int)>& body) {
    child_ = ::fork();
    if (child_ == 0) {
      ::close(sockets_[0]);
      ::_exit(body(sockets_[1]));
    }
    ::close(sockets_[1]);
    sockets_[1] = -1;
  }

  int exit_code() {
    int status = 0;
    ::waitpid(std::exchange(child_, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  // A server that returns what it gets, and ends at end of file.
  int echo(int fd) {
    auto context = Context::server(settings_);
    auto connection = context ? Connection::accept(*context, fd, fd, kLimits) : context.error();
    if (!connection) {
      return 3;
    }
    char buffer[100];
    for (;;) {
      auto count = (*connection)->read(buffer, sizeof buffer);
      if (!count) {
        return 2;
      }
      if (*count == 0) {
        (*connection)->close();
        return 0;
      }
      if (!(*connection)->write({buffer, *count})) {
        return 4;
      }
    }
  }

  std::string directory_;
  Pem pem_;
  ServerSettings settings_;
  int sockets_[2] = {-1, -1};
  pid_t child_ = -1;
};

TEST_F(Tls, BytesGoThereAndBack) {
  at_the_other_end([this](int fd) { return echo(fd); });
  auto context = Context::client({});
  ASSERT_TRUE(context.has_value());
  auto made = Connection::connect(*context, "h.example", sockets_[0], sockets_[0], kLimits);
  ASSERT_TRUE(made.has_value()) << made.error().text;
  Connection& connection = **made;
  EXPECT_EQ(connection.tls()->cipher.substr(0, 4), "TLS_");
  EXPECT_EQ(SSL_version(connection.get()), TLS1_3_VERSION);
  ASSERT_TRUE(connection.write(std::string(50000, 'x')).has_value());
  std::string back;
  char buffer[4096];
  while (back.size() < 50000) {
    auto count = connection.read(buffer, sizeof buffer);
    ASSERT_TRUE(count.has_value() && *count > 0);
    back.append(buffer, *count);
  }
  EXPECT_EQ(back, std::string(50000, 'x'));
  connection.close();
  auto end = connection.read(buffer, sizeof buffer);
  ASSERT_TRUE(end.has_value());
  EXPECT_EQ(*end, 0U);
  EXPECT_EQ(exit_code(), 0);
}

TEST_F(Tls, BytesThatWereTakenWithOthersAreSeen) {
  at_the_other_end([this](int fd) {
    auto context = Context::server(settings_);
    auto connection = context ? Connection::accept(*context, fd, fd, kLimits) : context.error();
    char byte = 0;
    if (!connection || !(*connection)->read(&byte, 1)) {
      return 1;
    }
    return (*connection)->write("one") && (*connection)->write("two") ? 0 : 2;
  });
  auto context = Context::client({});
  auto made = Connection::connect(*context, "", sockets_[0], sockets_[0], kLimits);
  ASSERT_TRUE(made.has_value());
  Connection& connection = **made;
  ASSERT_TRUE(connection.write("x").has_value());
  EXPECT_EQ(exit_code(), 0);
  // Both records are there now.
  char buffer[10];
  EXPECT_EQ(connection.read(buffer, sizeof buffer).value_or(0), 3U);
  EXPECT_TRUE(connection.holds_unread());
  EXPECT_EQ(connection.read(buffer, sizeof buffer).value_or(0), 3U);
  EXPECT_FALSE(connection.holds_unread());
}

// The digest of a certificate's key, as a TLSA record has it.
std::string key_digest(const std::string& pem_file) {
  const std::string command = "openssl x509 -in " + pem_file +
                              " -noout -pubkey | openssl pkey -pubin -outform DER | "
                              "openssl dgst -sha256 -binary";
  std::string digest;
  FILE* pipe = ::popen(command.c_str(), "r");
  char buffer[100];
  digest.append(buffer, std::fread(buffer, 1, sizeof buffer, pipe));
  EXPECT_EQ(::pclose(pipe), 0);
  return digest;
}

TEST_F(Tls, TlsaRecordsDescribeTheServer) {
  const std::string right = key_digest(settings_.certificate);
  ASSERT_EQ(right.size(), 32U);
  const std::string wrong(32, 'x');
  ClientSettings client;
  client.dane = true;
  const auto context = Context::client(client);
  ASSERT_TRUE(context.has_value());
  for (const auto& [records, matches] :
       std::vector<std::pair<std::vector<base::TlsaRecord>, bool>>{
           {{{3, 1, 1, right}}, true},
           {{{3, 1, 1, wrong}, {3, 1, 1, right}}, true},
           {{{3, 1, 1, wrong}}, false},
           {{{3, 1, 0, "no key"}}, false},
           {{{2, 1, 1, wrong}}, false}}) {
    at_the_other_end([this](int fd) { return echo(fd); });
    auto made = Connection::connect(*context, "elsewhere.example", records, {}, sockets_[0],
                                    sockets_[0], kLimits);
    ASSERT_TRUE(made.has_value()) << made.error().text;
    const auto why = verify_dane(**made);
    EXPECT_EQ(why.has_value(), !matches);
    if (why && records.front().data == wrong) {
      EXPECT_EQ(*why, "no matching TLSA record");
    }
    (*made)->close();
    EXPECT_EQ(exit_code(), 0);
    ::close(sockets_[0]);
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, sockets_), 0);
  }
}

TEST_F(Tls, AnEndWithoutCloseNotifyIsAFailure) {
  at_the_other_end([this](int fd) { return echo(fd); });
  auto context = Context::client({});
  auto made = Connection::connect(*context, "", sockets_[0], sockets_[0], kLimits);
  ASSERT_TRUE(made.has_value());
  ::shutdown(sockets_[0], SHUT_WR);
  EXPECT_EQ(exit_code(), 2);
}

TEST_F(Tls, GarbageInsteadOfAHandshake) {
  at_the_other_end([](int fd) {
    (void)!::write(fd, "EHLO c\r\nNOOP\r\n", 14);
    char c = 0;
    while (::read(fd, &c, 1) > 0) {
    }
    return 0;
  });
  auto context = Context::server(settings_);
  ASSERT_TRUE(context.has_value());
  auto made = Connection::accept(*context, sockets_[0], sockets_[0], kLimits);
  ASSERT_FALSE(made.has_value());
  EXPECT_EQ(made.error().error, EPROTO);
}

TEST_F(Tls, TheWholeHandshakeHasOneLimit) {
  // The bytes of a record come one after the other, so that no single read waits for long.
  at_the_other_end([](int fd) {
    for (const char c : std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11)) {
      (void)!::write(fd, &c, 1);
      ::usleep(300000);
    }
    return 0;
  });
  auto context = Context::server(settings_);
  const auto begin = time(nullptr);
  auto made = Connection::accept(*context, sockets_[0], sockets_[0], kShort);
  ASSERT_FALSE(made.has_value());
  EXPECT_EQ(made.error().error, ETIMEDOUT);
  EXPECT_LE(time(nullptr) - begin, 2);
}

TEST_F(Tls, ASilentPeerCanStillBeToldSo) {
  at_the_other_end([this](int fd) {
    auto context = Context::server(settings_);
    auto made = Connection::accept(*context, fd, fd, kShort);
    char buffer[10];
    auto count = (*made)->read(buffer, sizeof buffer);
    const bool told = (*made)->write("451 timeout").has_value();
    (*made)->close();
    return !count && count.error().error == ETIMEDOUT && told ? 0 : 1;
  });
  auto context = Context::client({});
  auto made = Connection::connect(*context, "", sockets_[0], sockets_[0], kLimits);
  ASSERT_TRUE(made.has_value());
  char buffer[100];
  auto count = (*made)->read(buffer, sizeof buffer);
  ASSERT_TRUE(count.has_value());
  EXPECT_EQ(std::string(buffer, *count), "451 timeout");
  EXPECT_EQ(exit_code(), 0);
}

TEST_F(Tls, CertificatesThatAreOfNoUse) {
  const Pem other = make_pem();
  const std::pair<std::string, const char*> kFiles[] = {
      {"garbage", "unable to find a certificate in "},
      {"", "unable to find a certificate in "},
      {pem_.key, "unable to find a certificate in "},
      {pem_.certificate, "unable to find a key in "},
      {pem_.certificate + pem_.locked_key, "unable to find a key in "},
      {pem_.certificate + other.key, "unable to use "}};
  for (const auto& [text, reason] : kFiles) {
    settings_.certificate = write("odd.pem", text);
    auto context = Context::server(settings_);
    ASSERT_FALSE(context.has_value()) << text;
    EXPECT_EQ(context.error().text.substr(0, context.error().text.find("/tmp")), reason);
    EXPECT_EQ(context.error().text.find("PRIVATE"), std::string::npos);
  }
  settings_.certificate = "/nonexistent.pem";
  EXPECT_EQ(Context::server(settings_).error().text,
            "unable to read /nonexistent.pem: file does not exist");
}

TEST_F(Tls, KeyInFrontOfTheCertificate) {
  settings_.certificate = write("odd.pem", pem_.key + pem_.certificate);
  EXPECT_TRUE(Context::server(settings_).has_value());
}

TEST_F(Tls, CipherLists) {
  const auto list_of = [this](const std::string& ciphers) {
    settings_.ciphers = ciphers;
    auto context = Context::server(settings_);
    std::string names;
    if (!context) {
      return std::string("failed");
    }
    const STACK_OF(SSL_CIPHER)* found = SSL_CTX_get_ciphers(context->get());
    for (int i = 0; i < sk_SSL_CIPHER_num(found); ++i) {
      names += std::string(SSL_CIPHER_get_name(sk_SSL_CIPHER_value(found, i))) + " ";
    }
    EXPECT_EQ(SSL_CTX_get_min_proto_version(context->get()), TLS1_2_VERSION);
    EXPECT_EQ(SSL_CTX_get_max_proto_version(context->get()), TLS1_3_VERSION);
    EXPECT_TRUE(SSL_CTX_get_options(context->get()) & SSL_OP_NO_RENEGOTIATION);
    EXPECT_TRUE(SSL_CTX_get_options(context->get()) & SSL_OP_NO_COMPRESSION);
    return names;
  };
  const std::string suites =
      "TLS_AES_256_GCM_SHA384 TLS_CHACHA20_POLY1305_SHA256 "
      "TLS_AES_128_GCM_SHA256 ";
  EXPECT_EQ(list_of("AES128-SHA"), suites + "AES128-SHA ");
  EXPECT_EQ(list_of("ALL:@SECLEVEL=0").substr(0, suites.size()), suites);
  EXPECT_EQ(list_of("TLS_AES_128_GCM_SHA256:AES128-SHA"), "TLS_AES_128_GCM_SHA256 AES128-SHA ");
  EXPECT_EQ(list_of("TLS_AES_128_GCM_SHA256").find("AES128-SHA"), std::string::npos);
  EXPECT_EQ(list_of("").find("AES128-SHA "), std::string::npos);
  EXPECT_EQ(list_of("NONSENSE"), "failed");
  EXPECT_EQ(list_of("TLS_NONSENSE"), "failed");
}

TEST_F(Tls, TicketKeysCountOnlyWhole) {
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{79}, std::size_t{81}, 4 * kTicketKeySize}) {
    settings_.ticket_keys = std::string(size, 'k');
    auto context = Context::server(settings_);
    ASSERT_TRUE(context.has_value());
    EXPECT_TRUE(SSL_CTX_get_options(context->get()) & SSL_OP_NO_TICKET) << size;
    EXPECT_EQ(SSL_CTX_get_num_tickets(context->get()), 0U);
  }
  for (const std::size_t count : {1U, 2U, 3U}) {
    settings_.ticket_keys = std::string(count * kTicketKeySize, 'k');
    auto context = Context::server(settings_);
    ASSERT_TRUE(context.has_value());
    EXPECT_FALSE(SSL_CTX_get_options(context->get()) & SSL_OP_NO_TICKET);
  }
}

// Reading ends with the session, however the peer tries to prolong it.
TEST_F(Tls, TheSessionEndsWhateverThePeerDoes) {
  at_the_other_end([this](int fd) {
    auto context = Context::server(settings_);
    auto connection = context ? Connection::accept(*context, fd, fd, kLimits) : context.error();
    while (connection && (*connection)->write("x")) {
      ::usleep(20000);
    }
    return 0;
  });
  auto context = Context::client({});
  ASSERT_TRUE(context);
  const auto start = sys::monotonic();
  TimeLimits limits = kLimits;
  limits.end = start + std::chrono::milliseconds(600);
  auto made = Connection::connect(*context, "", sockets_[0], sockets_[0], limits);
  ASSERT_TRUE(made);
  char buffer[100];
  auto count = (*made)->read(buffer, sizeof buffer);
  while (count) {
    count = (*made)->read(buffer, sizeof buffer);
  }
  EXPECT_EQ(count.error().error, ETIMEDOUT);
  EXPECT_LT(sys::monotonic() - start, std::chrono::seconds(3));
  ::close(std::exchange(sockets_[0], -1));
}

}  // namespace
}  // namespace reqmail::tls
