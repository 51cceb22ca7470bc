// What an injector and the resident queue writer (qmailq(8)) say to each other over a socket of
// packets, one connection for each message:
//
//   injector  an opening: who it is the release of, and what the sender wants to be told
//   writer    a greeting: the message gets the number N ("qp N"), and which file of qmail-queue
//             it does the work of; or it closes the connection, and qmail-queue is executed
//   injector  pieces of the message, the last one marked; then pieces of the envelope, in the
//             form of descriptor 1 of qmail-queue
//   writer    a result: the exit code that qmail-queue would have
//
// Each packet begins with a letter, its kind.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "mail/dsn.h"

namespace reqmail::mail {

// The socket, below qmail's home.
inline constexpr std::string_view kQueueSocket = "/qmailq";

// The kinds of pieces.
inline constexpr char kMessagePiece = 'm';
inline constexpr char kLastMessagePiece = 'M';
inline constexpr char kEnvelopePiece = 'e';

// The most bytes in one piece, without its letter.
inline constexpr std::size_t kQueuePieceMax = std::size_t{32} << 10;

// The longest opening, greeting and result.
inline constexpr std::size_t kQueueOpeningMax = kDsnTextMax + 1024;
inline constexpr std::size_t kQueueGreetingMax = 1024;
inline constexpr std::size_t kQueueResultMax = 16;

struct QueueOpening {
  // Both sides must be of the same release; it has no NUL.
  std::string release;
  // The value of QMAILDSN (mail/dsn.h); empty if there is none.
  std::string wishes;
};

struct QueueGreeting {
  std::uint64_t number = 0;
  // Identifies the file; it has no NUL.
  std::string program;
};

// The parsers return nullopt for a packet that is not of that kind.
std::string queue_opening(const QueueOpening& opening);
std::optional<QueueOpening> parse_queue_opening(std::string_view packet);
std::string queue_greeting(const QueueGreeting& greeting);
std::optional<QueueGreeting> parse_queue_greeting(std::string_view packet);
std::string queue_result(int code);
std::optional<int> parse_queue_result(std::string_view packet);

}  // namespace reqmail::mail
