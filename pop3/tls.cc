#include "pop3/tls.h"

#include <signal.h>
#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "base/netstring.h"
#include "base/text.h"
#include "config.h"
#include "listen/certificate_paths.h"
#include "listen/ucspi_tls.h"
#include "sys/fd.h"
#include "sys/file.h"
#include "sys/process.h"
#include "sys/secrets.h"

namespace reqmail::pop3 {

namespace {

constexpr int kOutput = 1;
// For loading certificates on a busy machine.
constexpr base::Seconds kLoadMax{60};
// A PEM file that is larger than this is none (tls/certificate.h has the same limit).
constexpr std::size_t kCertificateMax = std::size_t{1} << 20;
// A client says its name once, or twice where the handshake begins anew.
constexpr int kNamesMax = 4;
// qmail-popup-tls has limits of its own, which come to less.
constexpr std::chrono::milliseconds kFinishMax = std::chrono::hours(1);

std::string below_home(std::string_view path) {
  return base::concat({config::kHome, "/", path});
}

Failure useless() {
  return temporary("unable to start TLS");
}

// "ready", or what is wrong.
Result<void> wait_until_ready(const sys::Fd& socket) {
  sys::Reader answers(socket.get(), kLoadMax);
  std::string line;
  const auto end = answers.get_line(line, kPop3TlsLineMax);
  if (!end || *end != sys::LineEnd::line) {
    return useless();
  }
  if (line.starts_with(kPop3TlsError)) {
    return temporary(line.substr(kPop3TlsError.size()));
  }
  return line == kPop3TlsReady ? Result<void>() : useless();
}

// The file holds a key.
Result<void> send_certificate(std::string_view name, int socket) {
  std::string text;
  if (base::is_safe_name(name)) {
    auto found = sys::read_file(
        below_home(base::concat({listen::kNamedCertificates, "/", name, "/servercert.pem"})),
        kCertificateMax);
    if (found) {
      text = std::move(*found);
    }
  }
  std::string answer;
  answer.reserve(text.size() + base::kNetstringDigitsMax + 2);
  base::append_netstring(answer, text);
  sys::wipe(text);
  auto sent = sys::write_all(socket, answer);
  sys::wipe(answer);
  return sent;
}

// What qmail-popup-tls asks for, until the handshake is done.
Result<void> serve_handshake(sys::Reader& input, int output) {
  std::string line;
  for (int names = 0; names <= kNamesMax; ++names) {
    line.clear();
    const auto end = input.get_line(line, kPop3TlsLineMax);
    if (!end || *end != sys::LineEnd::line) {
      return useless();
    }
    if (line == kPop3TlsDone) {
      return {};
    }
    if (line.starts_with(kPop3TlsError)) {
      return temporary(line.substr(kPop3TlsError.size()));
    }
    if (!line.starts_with(kPop3TlsName)) {
      return useless();
    }
    const std::string_view name = std::string_view(line).substr(kPop3TlsName.size());
    if (auto sent = send_certificate(name, output); !sent) {
      return sent;
    }
  }
  return useless();
}

class TlsOfChild final : public Pop3Tls {
 public:
  bool offered() override {
    return !listen::tls_is_disabled() &&
           listen::listener_tls_wish() != listen::ListenerTlsWish::off &&
           sys::status(below_home(listen::kServerCertificate));
  }

  Result<void> prepare() override {
    auto sockets = sys::make_socket_pair();
    const auto nothing = sys::open_read_write("/dev/null");
    if (!sockets || !nothing) {
      return useless();
    }
    sys::ChildSpec spec;
    spec.program = below_home("bin/qmail-popup-tls");
    spec.arguments = {"qmail-popup-tls"};
    // Its messages come over the socket: descriptor 2 may be the client.
    spec.descriptors = {{sockets->other.get(), kPop3TlsDescriptor}, {nothing->get(), 2}};
    const auto child = sys::spawn(spec);
    if (!child) {
      return useless();
    }
    sockets->other.close();
    if (auto ready = wait_until_ready(sockets->one); !ready) {
      sockets->one.close();
      (void)sys::wait_for(*child);
      return ready;
    }
    child_ = *child;
    socket_ = std::move(sockets->one);
    return {};
  }

  Result<void> secure(sys::Reader& input, sys::Writer& /*output*/) override {
    input.discard_buffered();
    const sys::Connection& client = input.connection();
    for (const int fd : {client.input(), client.output()}) {
      if (auto moved = sys::duplicate_to(socket_.get(), fd); !moved) {
        return moved;
      }
    }
    socket_.close();
    if (auto told = sys::write_all(client.output(), kPop3TlsGo); !told) {
      return told;
    }
    return serve_handshake(input, client.output());
  }

  void finish() override {
    if (!child_) {
      return;
    }
    sys::end_writing(kOutput);
    const auto ended = sys::wait_for(*child_, kFinishMax);
    if (!ended || !*ended) {
      sys::send_signal(*child_, SIGKILL);
      (void)sys::wait_for(*child_);
    }
  }

 private:
  std::optional<pid_t> child_;
  sys::Fd socket_;
};

class TlsOfListener final : public Pop3Tls {
 public:
  explicit TlsOfListener(const listen::ListenerTls& listener) : listener_(listener) {}

  bool offered() override { return !listen::tls_is_disabled(); }

  Result<void> prepare() override { return {}; }

  Result<void> secure(sys::Reader& input, sys::Writer& /*output*/) override {
    input.discard_buffered();
    return listener_.begin(input.connection());
  }

  void finish() override {}

 private:
  listen::ListenerTls listener_;
};

}  // namespace

std::unique_ptr<Pop3Tls> pop3_tls_by_child() {
  return std::make_unique<TlsOfChild>();
}

std::unique_ptr<Pop3Tls> pop3_tls() {
  if (const auto listener = listen::ListenerTls::find()) {
    return std::make_unique<TlsOfListener>(*listener);
  }
  return pop3_tls_by_child();
}

}  // namespace reqmail::pop3
