// Constant databases such as users/cdb and control/morercpthosts.cdb. No other code uses
// libcdb.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sys/fd.h"

namespace reqmail::sys {

class CdbReader {
 public:
  static Result<CdbReader> open(const std::string& path);
  CdbReader(CdbReader&&) noexcept;
  CdbReader& operator=(CdbReader&&) noexcept;
  CdbReader(const CdbReader&) = delete;
  CdbReader& operator=(const CdbReader&) = delete;
  ~CdbReader();

  // Returns the first value of a key. If the file is damaged, the Failure is temporary.
  // Processes that share the reader after a fork may call this at the same time.
  [[nodiscard]] Result<std::optional<std::string>> find(std::string_view key) const;

 private:
  struct State;
  explicit CdbReader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

class CdbWriter {
 public:
  // Writes to an open, empty, seekable file that the caller owns.
  static Result<CdbWriter> start(int fd);
  CdbWriter(CdbWriter&&) noexcept;
  CdbWriter& operator=(CdbWriter&&) noexcept;
  CdbWriter(const CdbWriter&) = delete;
  CdbWriter& operator=(const CdbWriter&) = delete;
  ~CdbWriter();

  Result<void> add(std::string_view key, std::string_view value);
  // Writes the tables; the caller must sync and rename the file.
  Result<void> finish();

 private:
  struct State;
  explicit CdbWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace reqmail::sys
