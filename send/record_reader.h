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

// About so much comes at once, so that a large file costs neither memory nor time at once.
inline constexpr std::size_t kRecordChunk = std::size_t{64} << 10;

// The longest record: a thousand times what qmail-queue takes for an address.
inline constexpr std::size_t kRecordMax = std::size_t{1} << 20;

// Reads a file from its beginning to its end, in chunks of whole records; only the last chunk
// may end in the middle of one.
class RecordReader {
 public:
  RecordReader() = default;

  explicit RecordReader(std::unique_ptr<queue::File> file, std::size_t chunk = kRecordChunk)
      : file_(std::move(file)), pieces_(*file_), chunk_(chunk) {}

  // A record over kRecordMax is a Failure with error EMSGSIZE.
  Result<scheduler::RecordChunk> next();

 private:
  std::unique_ptr<queue::File> file_;
  std::optional<queue::PieceReader> pieces_;
  std::size_t chunk_ = kRecordChunk;
  std::string carried_;
  std::uint64_t offset_ = 0;
};

// Compares what todo/N is routed to with local/N and remote/N of an earlier qmail-send, part by
// part.
class RecipientComparer {
 public:
  RecipientComparer(queue::Files& files, mail::QueueLayout layout, mail::MessageId id);

  // Each part continues after the one before; `part.first` does not matter.
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
