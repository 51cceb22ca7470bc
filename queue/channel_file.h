// local/N and remote/N: the recipients of a message on one channel, T while to be tried and D
// when done (qmail-send writes them, envelopes(5)).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "queue/files.h"

namespace reqmail::queue {

struct ChannelRecord {
  // Where the record's letter stands in the file: what mark_done() takes.
  std::uint64_t offset = 0;
  bool done = false;
  std::string recipient;
};

// Reads one record at a time, so that a pass over a long list can go on between other work.
class ChannelFile {
 public:
  static Result<ChannelFile> open(Files& files, const std::string& path);

  // The next record T or D, nothing at the end: records with another letter and a last one
  // without its NUL are left out. A Failure: reading failed (its errno).
  Result<std::optional<ChannelRecord>> next();

 private:
  explicit ChannelFile(std::unique_ptr<File> file) : file_(std::move(file)) {}

  // Whether there was more to read.
  Result<bool> fill();

  std::unique_ptr<File> file_;
  std::string buffer_;
  // Where in the buffer the next record begins, and where in the file that is.
  std::size_t begin_ = 0;
  std::uint64_t offset_ = 0;
};

// Turns the T at `offset` of a list that is open for writing into D. Not synced: at worst the
// recipient gets the message again.
Result<void> mark_done(File& list, std::uint64_t offset);

}  // namespace reqmail::queue
