// Bytes that are held until it is known what becomes of them: in memory as long as they are
// few, then in a file without a name, which disappears with the process.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sys/fd.h"

namespace reqmail::smtpd {

// So much is held in memory.
inline constexpr std::size_t kHeldInMemory = std::size_t{256} << 10;
// The largest piece that is read back at once.
inline constexpr std::size_t kHeldPiece = std::size_t{64} << 10;

// The directories that may take the file, best first: TMPDIR, /var/tmp, /tmp.
std::vector<std::string> holding_directories();

class HeldBytes {
 public:
  // `in_memory`: what may stay in memory.
  explicit HeldBytes(std::size_t in_memory = kHeldInMemory) : in_memory_(in_memory) {}

  void append(std::string_view bytes);

  // No directory takes the file, or the disk is full: the bytes are lost.
  [[nodiscard]] bool failed() const { return failed_; }

  [[nodiscard]] std::uint64_t size() const { return size_; }

  [[nodiscard]] bool in_file() const { return file_.valid(); }

  // Gives all bytes to `take`, in pieces of at most kHeldPiece. May be called again. A Failure
  // is temporary.
  Result<void> each(const std::function<void(std::string_view)>& take) const;

 private:
  std::size_t in_memory_;
  std::string memory_;  // all of it, or what the file does not have yet
  sys::Fd file_;
  std::uint64_t size_ = 0;
  bool failed_ = false;
};

}  // namespace reqmail::smtpd
