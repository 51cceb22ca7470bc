// The work of qmailq(8): takes many messages into the queue at a time, each over a connection
// of its own (mail/queue_service.h has what is said over it).
//
// The main loop reads, writes files and makes names, none of which waits for the disk; syncs
// run beside it (queue/commits.h). A client that is slow, silent or gone holds up its own
// message alone, for at most kTimeLimit.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "mail/queue_names.h"
#include "queue/accept.h"
#include "queue/commits.h"
#include "queue/files.h"
#include "sys/background.h"
#include "sys/fd.h"
#include "sys/identity.h"
#include "sys/poller.h"

namespace reqmail::queue {

class Resident {
 public:
  // The numbers of messages stand where qmail-queue has its process ID, and fit where one fits.
  static constexpr std::uint64_t kLargestNumber = (std::uint64_t{1} << 31) - 1;

  struct Settings {
    // The socket that listens.
    int listener = -1;
    // One of them is readable when the process is asked to end; see run().
    std::vector<int> end_requests;
    mail::QueueLayout layout{1};
    // The most connections at a time. Any further one is closed at once, and its client
    // executes qmail-queue.
    std::size_t most = 1;
    // The release that clients must have.
    std::string release;
    // Returns which file of qmail-queue this process does the work of; nullopt if there is none
    // now. It is asked for each message.
    std::function<std::optional<std::string>()> program;
    // Wakes qmail-send.
    std::function<void()> pull_trigger;
    // The number before that of the first message.
    std::uint64_t last_number = 0;
  };

  Resident(Settings settings, Files& files, sys::ThreadPool& threads)
      : settings_(std::move(settings)),
        files_(files),
        threads_(threads),
        commits_(files, threads) {}

  Resident(const Resident&) = delete;
  Resident& operator=(const Resident&) = delete;
  ~Resident() = default;

  // Serves until it is asked to end. From then on it takes no new connection, and it returns
  // when the messages that it has are done. A Failure means that it could not wait.
  Result<void> run();

 private:
  using Clock = std::chrono::milliseconds;

  struct Connection {
    sys::Fd socket;
    Submission submission;
    // When the time of the client is over.
    Clock until{};
    // The client has been greeted.
    bool is_open = false;
    // The envelope is complete.
    bool is_whole = false;
    std::unique_ptr<Acceptance> message;
    std::optional<std::size_t> watch;
  };

  using Connections = std::map<std::uint64_t, Connection>;

  [[nodiscard]] bool is_ending() const { return settings_.listener < 0; }

  Result<void> wait();
  [[nodiscard]] std::optional<Clock> wait_limit(Clock now) const;
  void stop_listening();
  void take_connections();
  void add(sys::Fd socket);
  std::optional<sys::Account> account_of(uid_t uid);
  void end_commits();
  void drop_late(Clock now);

  [[nodiscard]] std::uint64_t next_number();
  // Ends the connections for which the function returns true; it gets the number and the
  // connection.
  template <class Condition>
  void drop_where(Condition condition);

  // These return whether the connection stays.
  bool serve(std::uint64_t number, Connection& connection);
  bool greet(std::uint64_t number, Connection& connection);
  // nullopt: nothing has come.
  std::optional<bool> take_piece(std::uint64_t number, Connection& connection);
  bool end(Connection& connection, int code);

  Settings settings_;
  Files& files_;
  sys::ThreadPool& threads_;
  Commits commits_;
  Connections connections_;
  std::map<uid_t, sys::Account> accounts_;
  sys::Poller poller_;
  // Until then no connection is taken, because there was no descriptor for it.
  Clock no_connections_until_{};
};

}  // namespace reqmail::queue
