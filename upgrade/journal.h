// <home>/upgrade/journal: what a run was going to do, so that a killed one can be finished or
// undone.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "sys/fd.h"
#include "upgrade/record.h"

namespace reqmail::upgrade {

// The open journal of one home. The directory <home>/upgrade and the lock are made with it.
class Journal {
 public:
  // A Failure: another qmail-upgrade has the lock (error EWOULDBLOCK), or a file could not be
  // made, read or understood.
  static Result<Journal> open(const std::string& home);

  [[nodiscard]] const Record& record() const { return record_; }

  // Replaces the journal, which must not be under way; the older one is kept as journal.TIME.
  Result<void> begin(Record record);
  // Announces a step.
  Result<void> step(Step step, std::optional<ProcessMark> leaving = std::nullopt);
  // qmail-send is started in another way than when it began.
  Result<void> service(const survey::Service& service);
  // Nothing has been changed and all that was made is gone: the journal goes too, and the one
  // before is in force again.
  Result<void> forget();

 private:
  Journal() = default;
  // The record of the file; an empty one where there is none.
  Result<void> read();
  // Appends a whole line, which is on disk when this returns.
  Result<void> append(const std::string& line);

  std::string directory_;
  sys::Fd lock_;
  Record record_;
};

}  // namespace reqmail::upgrade
