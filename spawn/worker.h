// A process that stays and makes deliveries for one user, and what qmail-lspawn and it say to
// each other.
//
// An order is a packet with the message's descriptor: four bytes, its number, and seven fields,
// each ended by NUL: user, home, local, dash, ext, host, sender. A result is a packet of the
// same number, a byte that is a WorkerResult::Kind, the exit code of qmail-local and what it
// would print.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "local/request.h"

namespace reqmail::spawn {

inline constexpr std::size_t kWorkerPacketMax = std::size_t{512} << 10;
// So many orders are carried out together.
inline constexpr std::size_t kWorkerBatch = 32;
// A worker without orders ends after this time.
inline constexpr std::chrono::seconds kWorkerIdle{10};

struct WorkerResult {
  enum class Kind : char {
    done = 'd',
    // Nothing was done: this user's deliveries are more than one maildir.
    declined = 'n',
    // Nothing was done: the worker ends.
    unserved = 'u',
    // The same as `done`; and a worker of qmail-rspawn keeps a connection to the order's host.
    kept = 'k',
    // As RecipientEnd::Kind of remote/group_ends.h, for one of several recipients.
    later = 'l',
    alone = 'a',
  };

  std::uint32_t number = 0;
  Kind kind = Kind::done;
  int code = 0;
  std::string output;
};

std::string worker_order(std::uint32_t number, const local::Request& request);

struct NumberedRequest {
  std::uint32_t number = 0;
  // Without default_instructions.
  local::Request request;
};

// nullopt where a packet is no order, or no result.
std::optional<NumberedRequest> parse_worker_order(std::string_view packet);
std::string worker_result(const WorkerResult& result);
std::optional<WorkerResult> parse_worker_result(std::string_view packet);

// Sends results, together if there is room for them, and waits for room. Returns false if the
// other end is gone, or did not get all of them.
bool send_worker_results(int socket, const std::vector<WorkerResult>& results);

// Carries out the orders that come through the socket, all that are there at a time together,
// as the user that the process already is. Returns when the other end sends no more, when
// nothing has come for ten seconds, or after a temporary failure; orders that have come by then
// are answered, and later ones are refused (EPIPE).
void serve_deliveries(int socket, const std::string& default_instructions);

}  // namespace reqmail::spawn
