#include "listen/tls_by_child.h"

#include <signal.h>
#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "base/netstring.h"
#include "base/text.h"
#include "base/wipe.h"
#include "config.h"
#include "listen/certificate_paths.h"
#include "listen/tls_dialogue.h"
#include "listen/tls_wish.h"
#include "sys/fd.h"
#include "sys/file.h"
#include "sys/process.h"
#include "sys/stream.h"

namespace reqmail::listen {

namespace {

// For loading certificates on a busy machine.
constexpr base::Seconds kLoadMax{60};
// A larger PEM file is none (tls/certificate.h has the same limit).
constexpr std::size_t kCertificateMax = std::size_t{1} << 20;
// A client says its name once, or twice if the handshake begins anew.
constexpr int kNamesMax = 4;
// The child has limits of its own, which come to less.
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
  const auto end = answers.get_line(line, kTlsLineMax);
  if (!end || *end != sys::LineEnd::line) {
    return useless();
  }
  if (line.starts_with(kTlsError)) {
    return temporary(line.substr(kTlsError.size()));
  }
  return line == kTlsReady ? Result<void>() : useless();
}

// The file holds a key.
Result<void> send_certificate(std::string_view name, int socket) {
  std::string text;
  if (base::is_safe_name(name)) {
    auto found = sys::read_file(
        below_home(base::concat({kNamedCertificates, "/", name, "/servercert.pem"})),
        kCertificateMax);
    if (found) {
      text = std::move(*found);
    }
  }
  std::string answer;
  answer.reserve(text.size() + base::kNetstringDigitsMax + 2);
  base::append_netstring(answer, text);
  base::wipe(text);
  auto sent = sys::write_all(socket, answer);
  base::wipe(answer);
  return sent;
}

// Answers what the child asks for, until the handshake is done.
Result<void> serve_handshake(sys::Connection& child) {
  // Reads nothing that comes after the line "done", since `child` stops at line ends.
  sys::Reader input(child);
  std::string line;
  for (int names = 0; names <= kNamesMax; ++names) {
    line.clear();
    const auto end = input.get_line(line, kTlsLineMax);
    if (!end || *end != sys::LineEnd::line) {
      return useless();
    }
    if (line == kTlsDone) {
      return {};
    }
    if (line.starts_with(kTlsError)) {
      return temporary(line.substr(kTlsError.size()));
    }
    if (!line.starts_with(kTlsName)) {
      return useless();
    }
    const std::string_view name = std::string_view(line).substr(kTlsName.size());
    if (auto sent = send_certificate(name, child.output()); !sent) {
      return sent;
    }
  }
  return useless();
}

class TlsByChild final : public tls::StartTls {
 public:
  TlsByChild(std::string program, bool allowed)
      : program_(std::move(program)), allowed_(allowed) {}

  bool offered() override { return allowed_ && has_certificate(std::string(config::kHome)); }

  Result<void> prepare(const tls::TlsRequest& /*request*/) override {
    auto sockets = sys::make_socket_pair();
    const auto nothing = sys::open_read_write("/dev/null");
    if (!sockets || !nothing) {
      return useless();
    }
    sys::ChildSpec spec;
    spec.program = below_home(base::concat({"bin/", program_}));
    spec.arguments = {program_};
    // Its messages come over the socket: descriptor 2 may be the client.
    spec.descriptors = {{sockets->other.get(), kTlsDescriptor}, {nothing->get(), 2}};
    auto child = sys::spawn(spec);
    if (!child) {
      return useless();
    }
    sockets->other.close();
    if (auto ready = wait_until_ready(sockets->one); !ready) {
      sockets->one.close();
      (void)child->wait();
      return ready;
    }
    child_ = *std::move(child);
    socket_ = std::move(sockets->one);
    return {};
  }

  Result<tls::TlsOutcome> begin(const tls::TlsRequest& request,
                                sys::Connection& clear) override {
    for (const int fd : {clear.input(), clear.output()}) {
      if (auto moved = sys::duplicate_to(socket_.get(), fd); !moved) {
        return moved.error();
      }
    }
    socket_.close();
    output_ = clear.output();
    if (request.end) {
      clear.stop_at(*request.end);
    }
    if (auto told = sys::write_all(output_, kTlsGo); !told) {
      return told.error();
    }
    if (auto served = serve_handshake(clear); !served) {
      return served.error();
    }
    return tls::TlsOutcome();
  }

  void close() override {
    if (!child_.valid()) {
      return;
    }
    sys::end_writing(output_);
    const auto ended = child_.wait_for(kFinishMax);
    if (!ended || !*ended) {
      child_.end();
    }
  }

 private:
  std::string program_;
  bool allowed_;
  sys::Child child_;
  sys::Fd socket_;
  int output_ = -1;
};

}  // namespace

std::unique_ptr<tls::StartTls> tls_by_child(std::string program, bool allowed) {
  return std::make_unique<TlsByChild>(std::move(program), allowed);
}

}  // namespace reqmail::listen
