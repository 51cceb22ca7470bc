// local/N and remote/N: the recipients of a message on one channel. A record begins with T
// until the recipient is done, and then with D (envelopes(5)); qmail-send writes it.
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
  // The offset of the record's letter in the file, for mark_done().
  std::uint64_t offset = 0;
  bool done = false;
  std::string recipient;
};

// Reads one record at a time, so that a pass over a long list can be divided.
class ChannelFile {
 public:
  static Result<ChannelFile> open(Files& files, const std::string& path);

  // Returns the next record T or D; nullopt at the end. It skips records with other letters and
  // a last record without its NUL. A Failure has the errno of the failed read.
  Result<std::optional<ChannelRecord>> next();

 private:
  explicit ChannelFile(std::unique_ptr<File> file) : file_(std::move(file)) {}

  // Returns whether there was more to read.
  Result<bool> fill();

  std::unique_ptr<File> file_;
  std::string buffer_;
  // The position of the next record in the buffer and in the file.
  std::size_t begin_ = 0;
  std::uint64_t offset_ = 0;
};

// Changes the T at `offset` of a list that is open for writing to D. It does not sync: after a
// crash the recipient may get the message again.
Result<void> mark_done(File& list, std::uint64_t offset);

}  // namespace reqmail::queue
