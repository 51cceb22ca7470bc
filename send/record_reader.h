// Reads files of records (letter, value, NUL) that may have any length: todo/N, local/N and
// remote/N.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "mail/message_id.h"
#include "mail/queue_names.h"
#include "queue/files.h"
#include "scheduler/actions.h"

namespace reqmail::send {

// The number of bytes that are read at once, so that a large file needs neither much memory nor
// much time in one piece.
inline constexpr std::size_t kRecordChunk = std::size_t{64} << 10;

// The longest record in bytes: a thousand times the longest address that qmail-queue accepts.
inline constexpr std::size_t kRecordMax = std::size_t{1} << 20;

// Reads a file from its beginning to its end, in chunks of whole records. Only the last chunk
// may end within a record.
class RecordReader {
 public:
  RecordReader() = default;

  explicit RecordReader(std::unique_ptr<queue::File> file, std::size_t chunk = kRecordChunk)
      : file_(std::move(file)), pieces_(*file_), chunk_(chunk) {}

  // Returns the next chunk. A record longer than kRecordMax is a Failure with error EMSGSIZE.
  Result<scheduler::RecordChunk> next();

 private:
  std::unique_ptr<queue::File> file_;
  std::optional<queue::PieceReader> pieces_;
  std::size_t chunk_ = kRecordChunk;
  std::string carried_;
  std::uint64_t offset_ = 0;
};

// Compares the routed recipients of todo/N with local/N and remote/N of an earlier qmail-send,
// part by part.
class RecipientComparer {
 public:
  RecipientComparer(queue::Files& files, mail::QueueLayout layout, mail::MessageId id);

  // Compares a part with what follows the previous part; `part.first` is ignored.
  scheduler::TodoCompared compare(const scheduler::CompareTodo& part);

 private:
  struct List {
    std::unique_ptr<queue::File> file;
    bool any = false;
    bool done = true;
  };

  static bool same(List& list, const std::string& records, bool last);

  scheduler::PerChannel<List> lists_;
  bool same_ = true;
};

}  // namespace reqmail::send
