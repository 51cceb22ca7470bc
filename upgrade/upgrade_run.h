// The steps of an upgrade and of its rollback. Each is recorded in the journal before it is
// done, and each can be repeated.
#pragma once

#include <string>

#include "base/result.h"
#include "upgrade/journal.h"
#include "upgrade/plan.h"
#include "upgrade/progress.h"
#include "upgrade/proof.h"
#include "upgrade/swap.h"

namespace reqmail::upgrade {

// One upgrade of a home whose journal is open.
class UpgradeRun {
 public:
  // The journal must outlive the object and have a record.
  UpgradeRun(std::string home, Journal& journal, Progress& say);

  // Begins at the step "keep", with the files to stage. After a Failure nothing has been
  // changed and no files are left.
  Result<void> prepare(const Plan& plan);

  // Does every step from "change" on that was not done yet.
  Result<Ending> finish();

  // Removes everything that a run which was killed before "change" has left.
  Result<void> discard();

  // Reverses everything, from any step on.
  Result<Ending> undo();

 private:
  Result<void> change();
  // The files of change() that are not daemons or papers.
  Result<void> put_programs();
  Result<void> set_accesses(bool back);
  // The parts of undo().
  Result<void> begin_undo();
  Result<void> put_back();
  Result<void> start_old();
  Result<Ending> prove_old();
  Result<void> change_back();
  // Restarts services whose run scripts were changed, since listeners keep their environment.
  void restart_edited();
  Result<void> announce_restart(Step step);
  // Records how qmail-send is started now, which may differ from the time when apply began.
  Result<void> note_service();

  Places places_;
  Journal& journal_;
  Progress& say_;
  Swap swap_;
};

// Returns the command that reverses the upgrade.
std::string way_back(const std::string& home);

}  // namespace reqmail::upgrade
