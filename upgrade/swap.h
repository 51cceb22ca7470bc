// Keeps old files, puts new ones next to their targets ("staging"), and renames them there and
// back.
//
// Every function can be called again after a run that was killed within it, and then does the
// rest. Old files keep their inodes: they are linked, and new ones get their names by
// rename(2), so that no name is ever missing and running programs remain intact.
//
// The daemons change as one set. While four of the five names change, bin/qmail-start is a
// script, the gate, that runs the complete other set from the directory where it is kept;
// renaming the real qmail-start over it completes the change. So a start of qmail at any time,
// even after a power failure, uses daemons of one version.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "upgrade/journal.h"
#include "upgrade/plan.h"

namespace reqmail::upgrade {

class Swap {
 public:
  Swap(const Places& places, const std::vector<Put>& puts) : places_(places), puts_(puts) {}

  // Links all files of bin/ into bin.old.TIME, and every other file that will be replaced below
  // upgrade/TIME.
  Result<void> keep();

  // Stages the new files with owner and mode, and syncs them.
  Result<void> stage(const std::vector<NewFile>& files);

  // Checks that each setting that is still to be replaced has not changed since its new content
  // was made. A Failure names one that was changed, made or removed.
  Result<void> check_settings();

  // Renames the staged files of these phases to their targets, in order, and syncs the
  // directories.
  Result<void> put(Phase first, Phase last);

  // Does the same for the daemons and qmail-start, through the gate.
  Result<void> put_daemons();

  // Reverses keep() and stage() before anything was installed.
  Result<void> discard();

  // Checks that every old file that will be restored exists. A Failure names a missing one.
  Result<void> check_old_files();

  // Removes the staged files, so that no more files can be installed. undo() and remove_new()
  // will not change a setting that was never replaced, since it may be a newer one of the
  // administrator's.
  Result<void> drop_staged();

  // Restores the old files of these phases and removes new ones. Control files and run scripts
  // that were changed since are kept below upgrade/TIME with ".changed" after their name.
  Result<void> undo(Phase first, Phase last);
  Result<void> undo_daemons();

  // Removes the programs that only the new set has, except `spare`; called after the old ones
  // have been restored.
  Result<void> remove_new(Phase first, Phase last, const std::string& spare);

  // The files that undo() and remove_new() found changed, in this run or an earlier one, each
  // with the path where it is kept.
  struct Changed {
    std::string target;
    std::string kept;
  };

  [[nodiscard]] std::vector<Changed> changed() const;

 private:
  Result<void> stage_one(const NewFile& file);
  // Makes a directory and those above it, as make install does.
  Result<void> make_folders(const std::string& path);
  void remove_empty_folders(std::string folder);
  // Returns the name under which the gate is written before it is renamed.
  [[nodiscard]] std::string gate_name() const;
  Result<void> put_gate(const std::string& set);
  [[nodiscard]] std::string ours_of(const std::string& target) const;
  // Returns whether a setting that we wrote may have been installed.
  [[nodiscard]] bool may_be_put(const Put& put) const;
  Result<void> keep_changed(const Put& put);
  Result<void> undo_one(const Put& put);
  Result<void> keep_leaving();
  Result<void> sync_places(Phase first, Phase last);

  const Places& places_;
  const std::vector<Put>& puts_;
};

}  // namespace reqmail::upgrade
