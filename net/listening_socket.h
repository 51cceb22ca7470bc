// Sockets on which a server waits for TCP connections.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/socket_address.h"
#include "sys/fd.h"

namespace reqmail::net {

struct AcceptedConnection {
  // Blocking and close-on-exec.
  sys::Fd socket;
  Endpoint remote;
};

class ListeningSocket {
 public:
  // Listens at an address, with port 0 at any free port. An address that a server left shortly
  // before can be taken. A socket for :: gets no connections over IPv4, so that another one can
  // listen at 0.0.0.0. The text of a Failure says which step failed and why.
  static Result<ListeningSocket> open(const Endpoint& endpoint, unsigned backlog);

  // The socket with this descriptor, which the program before this one has opened.
  static Result<ListeningSocket> inherited(int descriptor);

  [[nodiscard]] int descriptor() const { return socket_.get(); }

  [[nodiscard]] const Endpoint& local() const { return local_; }

  // Returns a connection without waiting for one. Failure.error is the errno, EAGAIN if there
  // is none.
  [[nodiscard]] Result<AcceptedConnection> accept() const;

 private:
  ListeningSocket(sys::Fd socket, const Endpoint& local)
      : socket_(std::move(socket)), local_(local) {}

  sys::Fd socket_;
  Endpoint local_;
};

// Returns the address at which a server listens whose operator wrote `host`: an address, "0" or
// nothing for all of IPv4, or a name that has an IPv4 address. The text of a Failure is for the
// operator.
Result<base::IpAddress> listening_address(const std::string& host);

// Returns the port of a number or of a name in services(5).
Result<std::uint16_t> listening_port(const std::string& text);

// Makes packets of a connection ignore the route that the peer demanded by options of IPv4.
void remove_ip_options(int socket);

}  // namespace reqmail::net
