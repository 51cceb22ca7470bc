#include "pop3/tls_child.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/netstring.h"
#include "base/text.h"
#include "config.h"
#include "listen/tls_files.h"
#include "listen/tls_log.h"
#include "pop3/session.h"
#include "pop3/tls.h"
#include "sys/confine.h"
#include "sys/file.h"
#include "sys/identity.h"
#include "sys/secrets.h"
#include "sys/stream.h"
#include "tls/certificate.h"
#include "tls/connection.h"
#include "tls/relay.h"

namespace reqmail::pop3 {

namespace {

constexpr int kInput = 0;
constexpr int kOutput = 1;
constexpr base::Seconds kHandshakeMax{60};
constexpr tls::TimeLimits kLimits{std::min(kHandshakeMax, kPop3Timeout), kPop3Timeout};
// A client that has hung up is not waited for; what it said last takes some time.
constexpr tls::RelayLimits kRelayLimits{kPop3Timeout, base::Seconds(30)};

// Reads a netstring that qmail-popup wrote; empty where it is none.
std::string read_netstring(sys::Reader& socket) {
  base::NetstringLength length(tls::kCertificateFileMax);
  for (;;) {
    const auto c = socket.get();
    if (!c || !*c) {
      return {};
    }
    const auto state = length.feed(**c);
    if (state == base::NetstringLength::State::complete) {
      break;
    }
    if (state != base::NetstringLength::State::more) {
      return {};
    }
  }
  std::string text;
  // One byte more: the comma.
  while (text.size() <= length.length()) {
    const auto c = socket.get();
    if (!c || !*c) {
      return {};
    }
    text.push_back(**c);
  }
  text.pop_back();
  return text;
}

// What needs root's eyes, while they are there.
Result<tls::Context> load_context(sys::Reader& socket) {
  if (!sys::change_directory(std::string(config::kHome))) {
    return temporary("unable to reach qmail's home");
  }
  auto settings = listen::load_server_settings("pop3");
  if (!settings) {
    return settings.error();
  }
  // Only the certificate that is asked for ever comes here.
  settings->named = [&socket](const std::string& name) {
    const std::string request = base::concat({kPop3TlsName, name, "\n"});
    if (!sys::write_all(kPop3TlsDescriptor, request)) {
      return std::string();
    }
    std::string text = read_netstring(socket);
    socket.wipe_consumed();
    return text;
  };
  auto context = tls::Context::server(*settings);
  sys::wipe(settings->ticket_keys);
  return context;
}

Result<tls::Context> prepare(sys::Reader& socket) {
  // Read before /etc is out of reach.
  const auto identity = sys::account_identity(sys::Account::qmaild);
  auto context = load_context(socket);
  if (!context) {
    return context;
  }
  if (auto done = sys::confine(identity, kPop3TlsDescriptor + 1); !done) {
    return done.error();
  }
  return context;
}

bool say(std::string_view text) {
  return sys::write_all(kPop3TlsDescriptor, base::concat({text, "\n"})).has_value();
}

bool wait_for_go(sys::Reader& socket) {
  std::string line;
  const auto end = socket.get_line(line, kPop3TlsLineMax);
  line.push_back('\n');
  return end && *end == sys::LineEnd::line && line == kPop3TlsGo;
}

}  // namespace

bool serve_pop3_tls() {
  sys::Reader socket(kPop3TlsDescriptor, kHandshakeMax);
  const auto context = prepare(socket);
  if (!context) {
    (void)say(base::concat({kPop3TlsError, context.error().text}));
    return false;
  }
  if (!say(kPop3TlsReady) || !wait_for_go(socket)) {
    return false;
  }
  auto client = tls::Connection::accept(*context, kInput, kOutput, kLimits);
  if (!client) {
    (void)say(base::concat({kPop3TlsError, listen::handshake_failed(client.error())}));
    return false;
  }
  if (!say(kPop3TlsDone)) {
    return false;
  }
  tls::relay(**client, kPop3TlsDescriptor, kRelayLimits);
  return true;
}

}  // namespace reqmail::pop3
