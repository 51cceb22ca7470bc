#include "tests/unit/support/loopback_dns.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

#include "tests/unit/support/fake_dns.h"

namespace reqmail::test {

namespace {

constexpr std::size_t kHead = 12;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int bound(int kind, std::uint16_t& port) {
  const int socket = ::socket(AF_INET, kind | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(port);
  socklen_t length = sizeof address;
  if (::bind(socket, reinterpret_cast<const sockaddr*>(&address), length) != 0 ||
      ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    std::abort();
  }
  port = ntohs(address.sin_port);
  return socket;
}

DnsRequest parse(const std::string& query, bool tcp) {
  DnsRequest request;
  request.id = query.substr(0, 2);
  request.flags = static_cast<unsigned>(static_cast<unsigned char>(query[2])) << 8U |
                  static_cast<unsigned char>(query[3]);
  const std::size_t end = query.find('\0', kHead) + 5;
  request.question = query.substr(kHead, end - kHead);
  request.edns = query.size() > end;
  request.tcp = tcp;
  return request;
}

}  // namespace

LoopbackDns::LoopbackDns(Respond respond, std::uint16_t port)
    : respond_(std::move(respond)), port_(port) {
  datagrams_ = bound(SOCK_DGRAM, port_);
  streams_ = bound(SOCK_STREAM, port_);
  if (::listen(streams_, 8) != 0) {
    std::abort();
  }
  thread_ = std::thread([this] { serve(); });
}

LoopbackDns::~LoopbackDns() {
  ends_ = true;
  thread_.join();
  ::close(datagrams_);
  ::close(streams_);
}

net::Endpoint LoopbackDns::endpoint() const {
  return {*base::IpAddress::parse("127.0.0.1"), port_};
}

void LoopbackDns::serve() {
  while (!ends_) {
    std::array<pollfd, 2> items = {pollfd{datagrams_, POLLIN, 0}, pollfd{streams_, POLLIN, 0}};
    (void)::poll(items.data(), items.size(), 10);
    if (items[0].revents != 0) {
      serve_datagram();
    }
    if (items[1].revents != 0) {
      serve_stream();
    }
  }
}

void LoopbackDns::serve_datagram() {
  std::array<char, 2048> buffer = {};
  sockaddr_in client = {};
  socklen_t length = sizeof client;
  const auto count = ::recvfrom(datagrams_, buffer.data(), buffer.size(), 0,
                                reinterpret_cast<sockaddr*>(&client), &length);
  ++count_;
  const auto reply =
      respond_(parse(std::string(buffer.data(), static_cast<std::size_t>(count)), false));
  if (reply) {
    (void)::sendto(datagrams_, reply->data(), reply->size(), 0,
                   reinterpret_cast<const sockaddr*>(&client), length);
  }
}

void LoopbackDns::serve_stream() {
  const int stream = ::accept4(streams_, nullptr, nullptr, SOCK_CLOEXEC);
  std::array<char, 2048> buffer = {};
  const auto count = ::recv(stream, buffer.data(), buffer.size(), 0);
  if (count > 2) {
    ++count_;
    const auto reply = respond_(
        parse(std::string(buffer.data() + 2, static_cast<std::size_t>(count) - 2), true));
    if (reply) {
      const std::string framed = u16(static_cast<unsigned>(reply->size())) + *reply;
      // The reply comes in two pieces, as it may over a network.
      (void)::send(stream, framed.data(), 1, MSG_NOSIGNAL);
      (void)::send(stream, framed.data() + 1, framed.size() - 1, MSG_NOSIGNAL);
    }
  }
  ::close(stream);
}

std::string dns_reply(const DnsRequest& request, const std::vector<std::string>& answers,
                      unsigned code, unsigned more_flags) {
  std::string reply = request.id + u16(0x8180U | code | more_flags) + u16(1) +
                      u16(static_cast<unsigned>(answers.size())) + u16(0) + u16(0) +
                      request.question;
  for (const std::string& answer : answers) {
    reply += answer;
  }
  return reply;
}

}  // namespace reqmail::test
