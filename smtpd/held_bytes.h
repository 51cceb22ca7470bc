// Bytes that are held until it is decided what is done with them. A few bytes are kept in
// memory, more of them in a file without a name, which disappears with the process.
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

// The number of bytes that are held in memory.
inline constexpr std::size_t kHeldInMemory = std::size_t{256} << 10;
// The largest piece that is read back at once.
inline constexpr std::size_t kHeldPiece = std::size_t{64} << 10;

class HeldBytes {
 public:
  // `in_memory` is the number of bytes that may be kept in memory.
  explicit HeldBytes(std::size_t in_memory = kHeldInMemory) : in_memory_(in_memory) {}

  void append(std::string_view bytes);

  // Returns whether the bytes are lost, because no directory could take the file or the disk is
  // full.
  [[nodiscard]] bool failed() const { return failed_; }

  [[nodiscard]] std::uint64_t size() const { return size_; }

  [[nodiscard]] bool in_file() const { return file_.valid(); }

  // Passes all bytes to `take` in pieces of at most kHeldPiece. It may be called again. A
  // Failure is temporary.
  Result<void> each(const std::function<void(std::string_view)>& take) const;

 private:
  std::size_t in_memory_;
  std::string memory_;  // all bytes, or those not yet in the file
  sys::Fd file_;
  std::uint64_t size_ = 0;
  bool failed_ = false;
};

}  // namespace reqmail::smtpd
