// The steps of an upgrade and of its way back, each announced in the journal before it is done
// and each able to be begun again.
#pragma once

#include <string>

#include "base/result.h"
#include "upgrade/journal.h"
#include "upgrade/plan.h"
#include "upgrade/progress.h"
#include "upgrade/proof.h"
#include "upgrade/swap.h"

namespace reqmail::upgrade {

// One upgrade of one home whose journal is open.
class UpgradeRun {
 public:
  // The journal must outlive it and hold a record.
  UpgradeRun(std::string home, Journal& journal, Progress& say);

  // From "keep", with the files to stage. A Failure: nothing has been changed, and nothing is
  // left of the try.
  Result<void> prepare(const Plan& plan);

  // Everything from "change" on that is not done yet.
  Result<Ending> finish();

  // A run that was killed before "change" leaves nothing.
  Result<void> discard();

  // Everything goes back, from any step on.
  Result<Ending> undo();

 private:
  Result<void> change();
  Result<void> set_accesses(bool back);
  Result<void> change_back();
  // Services whose run scripts were changed: listeners keep the environment they began with.
  void restart_edited();
  Result<void> announce_restart(Step step);
  // How qmail-send is started by now, which may differ from how it was when apply began.
  Result<void> note_service();

  Places places_;
  Journal& journal_;
  Progress& say_;
  Swap swap_;
};

// The command that takes the upgrade back.
std::string way_back(const std::string& home);

}  // namespace reqmail::upgrade
