#include "listen/tls_child.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/netstring.h"
#include "base/text.h"
#include "listen/tls_dialogue.h"
#include "listen/tls_here.h"
#include "listen/tls_log.h"
#include "sys/confine.h"
#include "sys/file.h"
#include "sys/identity.h"
#include "sys/program.h"
#include "sys/stream.h"
#include "tls/certificate.h"
#include "tls/connection.h"
#include "tls/relay.h"
#include "tls/start_tls.h"

namespace reqmail::listen {

namespace {

constexpr int kInput = 0;
constexpr int kOutput = 1;
// A client that has hung up is not waited for; what it said last takes some time.
constexpr base::Seconds kAfterEnd{30};

// Reads a netstring that the server wrote; empty if it is none.
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

// Reads what only root can read.
Result<tls::Context> load_context(const TlsChild& child, sys::Reader& socket) {
  if (!sys::Program::enter_home()) {
    return temporary("unable to reach qmail's home");
  }
  return load_server_context(
      child.service, child.choices, [&socket](tls::ServerSettings& settings) {
        // Only the certificate that is asked for ever comes here.
        settings.named = [&socket](const std::string& name) {
          const std::string request = base::concat({kTlsName, name, "\n"});
          if (!sys::write_all(kTlsDescriptor, request)) {
            return std::string();
          }
          std::string text = read_netstring(socket);
          socket.wipe_consumed();
          return text;
        };
        return Result<void>();
      });
}

Result<tls::Context> prepare(const TlsChild& child, sys::Reader& socket) {
  // Read before /etc is out of reach.
  const auto identity = sys::account_identity(sys::Account::qmaild);
  auto context = load_context(child, socket);
  if (!context) {
    return context;
  }
  if (auto done = sys::confine(identity, kTlsDescriptor + 1, compat::Calls::talking); !done) {
    return done.error();
  }
  return context;
}

bool say(std::string_view text) {
  return sys::write_all(kTlsDescriptor, base::concat({text, "\n"})).has_value();
}

bool wait_for_go(sys::Reader& socket) {
  std::string line;
  const auto end = socket.get_line(line, kTlsLineMax);
  line.push_back('\n');
  return end && *end == sys::LineEnd::line && line == kTlsGo;
}

}  // namespace

bool serve_tls_child(const TlsChild& child) {
  sys::Reader socket(kTlsDescriptor, tls::kServerHandshakeMax);
  const auto context = prepare(child, socket);
  if (!context) {
    (void)say(base::concat({kTlsError, context.error().text}));
    return false;
  }
  if (!say(kTlsReady) || !wait_for_go(socket)) {
    return false;
  }
  const tls::TimeLimits limits{std::min(tls::kServerHandshakeMax, child.timeout),
                               child.timeout};
  auto client = tls::Connection::accept(*context, kInput, kOutput, limits);
  if (!client) {
    (void)say(base::concat({kTlsError, handshake_failed(client.error())}));
    return false;
  }
  if (!say(kTlsDone)) {
    return false;
  }
  tls::relay(**client, kTlsDescriptor, {child.timeout, kAfterEnd});
  return true;
}

}  // namespace reqmail::listen
