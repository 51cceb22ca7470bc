// Constant databases: users/cdb, control/morercpthosts.cdb. The only door to libcdb.
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

  // The first value of a key. A damaged file is a temporary Failure. Processes that share the
  // reader after a fork may look up at the same time.
  [[nodiscard]] Result<std::optional<std::string>> find(std::string_view key) const;

 private:
  struct State;
  explicit CdbReader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

class CdbWriter {
 public:
  // Writes into an open, empty, seekable file that the caller owns.
  static Result<CdbWriter> start(int fd);
  CdbWriter(CdbWriter&&) noexcept;
  CdbWriter& operator=(CdbWriter&&) noexcept;
  CdbWriter(const CdbWriter&) = delete;
  CdbWriter& operator=(const CdbWriter&) = delete;
  ~CdbWriter();

  Result<void> add(std::string_view key, std::string_view value);
  // Writes the tables; syncing and renaming are the caller's.
  Result<void> finish();

 private:
  struct State;
  explicit CdbWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace reqmail::sys
