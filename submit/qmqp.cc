#include "submit/qmqp.h"

#include <array>
#include <cerrno>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "base/exit_code.h"
#include "base/netstring.h"
#include "base/number.h"
#include "base/text.h"
#include "control/files.h"
#include "mail/envelope.h"
#include "mail/verdict_codec.h"
#include "net/connect.h"
#include "net/socket_connection.h"
#include "sys/stream.h"

namespace reqmail::submit {

namespace {

namespace exits = mail::queue_exit;

constexpr std::uint16_t kQmqpPort = 628;
constexpr base::Seconds kConnectTimeout(10);
// The time limit for each step of sending, and for the answer.
constexpr base::Seconds kTimeout(60);

// Returns nullopt if there is no list or it cannot be read.
std::optional<std::vector<base::IpAddress>> read_servers() {
  control::ControlFiles files;
  // control/me has no effect here, but must be readable if it exists.
  (void)files.me();
  const auto lines = files.list("qmqpservers");
  if (files.failure() || !lines) {
    return std::nullopt;
  }
  std::vector<base::IpAddress> servers;
  for (const std::string& line : *lines) {
    if (const auto server = qmqp_server(line)) {
      servers.push_back(*server);
    }
  }
  return servers;
}

// Appends the envelope as netstrings to `request`; returns 0 or the exit code.
int append_envelope(int envelope, std::string& request) {
  sys::Reader reader(envelope);
  mail::EnvelopeScanner scanner;
  std::string records;
  for (;;) {
    const auto bytes = reader.peek();
    if (!bytes) {
      return exits::kRead;
    }
    if (bytes->empty()) {
      return exits::kEnvelopeFormat;
    }
    const auto step = scanner.feed(*bytes);
    records.append(bytes->substr(0, step.records));
    reader.consume(bytes->size());
    if (step.state == mail::EnvelopeScanner::State::malformed) {
      return exits::kEnvelopeFormat;
    }
    if (step.state == mail::EnvelopeScanner::State::address_too_long) {
      return exits::kAddressTooLong;
    }
    if (step.state == mail::EnvelopeScanner::State::complete) {
      break;
    }
  }
  mail::RecordParser parser(records);
  while (const auto record = parser.next()) {
    base::append_netstring(request, record->value);
  }
  return base::kExitSuccess;
}

// Returns the exit code for the first letter of a verdict anywhere in the answer: a server that
// sends one has the message, even if its netstrings are malformed.
int read_answer(sys::Connection& connection) {
  std::array<char, 512> buffer = {};
  for (;;) {
    const auto count = connection.read(buffer.data(), buffer.size());
    if (!count || *count == 0) {
      return exits::kServerBroken;
    }
    for (const char c : std::string_view(buffer.data(), *count)) {
      if (const auto grade = mail::report_grade(c)) {
        return mail::qmqp_exit_code(*grade);
      }
    }
  }
}

// A request in three parts, so that a large message need not be copied.
struct Request {
  std::string head;
  std::string message;
  std::string tail;
};

bool send(sys::Connection& connection, const Request& request) {
  constexpr std::size_t kSmall = 65536;
  if (request.message.size() <= kSmall) {
    return connection.write(base::concat({request.head, request.message, request.tail}))
        .has_value();
  }
  return connection.write(request.head) && connection.write(request.message) &&
         connection.write(request.tail);
}

int submit_to(const std::vector<base::IpAddress>& servers, const Request& request) {
  // This is also the exit code if there is no server in the list.
  int failed = exits::kConfiguration;
  for (const base::IpAddress& server : servers) {
    auto socket = net::connect_to(server, kQmqpPort, kConnectTimeout);
    if (!socket) {
      failed = socket.error().error == ETIMEDOUT ? exits::kServerTimeout
                                                 : exits::kServerNotConnected;
      continue;
    }
    const std::size_t size = request.head.size() + request.message.size() + request.tail.size();
    net::SocketConnection connection(std::move(*socket), kTimeout, net::session_time(size));
    return send(connection, request) ? read_answer(connection) : exits::kServerBroken;
  }
  return failed;
}

}  // namespace

std::optional<base::IpAddress> qmqp_server(std::string_view line) {
  const std::string_view word = line.substr(0, line.find_first_of(" \t"));
  if (const auto address = base::IpAddress::parse(word)) {
    return address;
  }
  return base::IpAddress::parse(line.substr(0, line.find_first_not_of("0123456789.")));
}

int submit_by_qmqp(int message, int envelope) {
  const auto servers = read_servers();
  if (!servers) {
    return exits::kConfiguration;
  }
  auto text = sys::read_all(message, std::numeric_limits<std::size_t>::max());
  if (!text) {
    return exits::kRead;
  }
  Request request;
  request.message = std::move(*text);
  request.tail.push_back(',');
  if (const int code = append_envelope(envelope, request.tail); code != base::kExitSuccess) {
    return code;
  }
  const std::string length = base::decimal(request.message.size()) + ":";
  const std::size_t whole = length.size() + request.message.size() + request.tail.size();
  request.head = base::concat({base::decimal(whole), ":", length});
  request.tail.push_back(',');
  return submit_to(*servers, request);
}

}  // namespace reqmail::submit
