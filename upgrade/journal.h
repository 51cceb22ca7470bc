// <home>/upgrade/journal, which records each step before it is done, so that a killed run can
// be finished or undone.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "sys/fd.h"
#include "upgrade/record.h"

namespace reqmail::upgrade {

// The open journal of a home. Opening it makes the directory <home>/upgrade and takes the lock.
class Journal {
 public:
  // It is a Failure if another qmail-upgrade has the lock (EWOULDBLOCK), or if a file could not
  // be made, read or parsed.
  static Result<Journal> open(const std::string& home);

  [[nodiscard]] const Record& record() const { return record_; }

  // Replaces the journal, whose upgrade must be complete; the older one is kept as
  // journal.TIME.
  Result<void> begin(Record record);
  // Records a step.
  Result<void> step(Step step, std::optional<ProcessMark> leaving = std::nullopt);
  // Records that qmail-send is now started in another way than at the beginning.
  Result<void> service(const survey::Service& service);
  // Removes the journal when nothing has been changed and all files made have been removed; the
  // previous journal is used again.
  Result<void> forget();

 private:
  Journal() = default;
  // Parses the file; without a file the record is empty.
  Result<void> read();
  // Appends a whole line, which is on disk when this returns.
  Result<void> append(const std::string& line);

  std::string directory_;
  sys::Fd lock_;
  Record record_;
};

}  // namespace reqmail::upgrade
