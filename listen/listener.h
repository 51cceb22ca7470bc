// A server that accepts connections and gives each a process, as tcpserver(1) does.
//
// The process does what listen/new_connection says and then becomes the program, with the
// connection as descriptors 0 and 1. If a SessionSource can do the program's work, the process
// does that work instead of executing the program.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "listen/connection_counts.h"
#include "listen/listener_options.h"
#include "net/listening_socket.h"
#include "sys/child.h"
#include "sys/poller.h"
#include "tls/successor.h"

namespace reqmail::listen {

// The work of the program in a process of a connection: with the connection as descriptors 0
// and 1, kSessionDescriptor if there is one, and the environment of the program. Returns the
// exit code.
inline constexpr int kSessionDescriptor = 3;
using Session = std::function<int()>;

class SessionSource {
 public:
  SessionSource() = default;
  SessionSource(const SessionSource&) = delete;
  SessionSource& operator=(const SessionSource&) = delete;
  SessionSource(SessionSource&&) = delete;
  SessionSource& operator=(SessionSource&&) = delete;
  virtual ~SessionSource() = default;

  // Called in the listener for each connection before it is accepted. Returns nothing if the
  // program must be executed.
  virtual Session next() = 0;

  // Called after that. Returns the program that is to go on in the place of the listener, with
  // its sockets and connections (listen/handover.h), or null.
  virtual const tls::Successor* successor() { return nullptr; }

  // Called after that. Returns what the process of the connection gets as kSessionDescriptor,
  // or nullopt.
  virtual std::optional<int> descriptor() { return std::nullopt; }

  // Returns a descriptor of which the source wants to know when it can be read, or nullopt.
  virtual std::optional<int> watched() { return std::nullopt; }

  // Called when it can be read.
  virtual void attend() {}

  // Called when a child of this process has ended that served no connection.
  virtual void child_ended(const sys::Ended& /*ended*/) {}
};

class Listener {
 public:
  // `sessions` may be null and must outlive the listener. `connections` are those of the
  // program in whose place this one goes on, if there was one.
  Listener(const ListenerOptions& options, std::vector<net::ListeningSocket> sockets,
           SessionSource* sessions, std::optional<ConnectionCounts> connections = std::nullopt)
      : options_(options),
        sockets_(std::move(sockets)),
        sessions_(sessions),
        goes_on_(connections.has_value()),
        counts_(std::move(connections).value_or(ConnectionCounts())) {}

  // Serves until SIGTERM. Failure.error is the errno if the process cannot begin to do so.
  Result<void> serve();

 private:
  void log(Verbosity importance, const std::string& line) const;
  void log_status(std::size_t count) const;
  void take_signals();
  void reap();
  void accept_from(const net::ListeningSocket& socket);
  // Becomes the program that is to go on in the place of this one; returns if there is none, if
  // it cannot be executed, or if this one must end.
  void hand_over();
  void start(net::AcceptedConnection connection, const Session& session);
  // The work of the connection's process until the program is there.
  int begin(const net::Endpoint& remote, const Session& session) const;

  const ListenerOptions& options_;
  std::vector<net::ListeningSocket> sockets_;
  SessionSource* sessions_;
  bool goes_on_;
  ConnectionCounts counts_;
  // The pipe of sys::signals_to_pipe().
  int signals_ = -1;
  // SIGTERM has come.
  bool ended_ = false;
  // Set after accept(2) has failed for want of something that other processes must give back.
  bool paused_ = false;
};

}  // namespace reqmail::listen
