// Keeping old files, staging new ones beside their places, and the renames there and back.
//
// Every function can be called again after a run that was killed in the middle of it, and then
// does what is left. Old files keep their inodes: they are linked, and new ones get their names
// by rename(2), so that nobody ever finds a name missing and running programs stay whole.
//
// Daemons change as one set. While four of the five names change, bin/qmail-start is a script,
// the gate, that runs the whole other set from where it is kept; the rename of the true
// qmail-start over it is the moment of change. So whoever starts qmail at any time, after a
// power cut too, gets daemons of one make.
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

  // Links of all of bin/ in bin.old.TIME, and of every other file that will be replaced below
  // upgrade/TIME.
  Result<void> keep();

  // The new files beside their places, with owner and mode, synced.
  Result<void> stage(const std::vector<NewFile>& files);

  // Whether each setting that is still to be put is as it was when its new content was made. A
  // Failure names one that somebody has changed, made or removed since.
  Result<void> check_settings();

  // Renames what is staged for these phases to its place, in order, and syncs the directories.
  Result<void> put(Phase first, Phase last);

  // The same for the daemons and qmail-start, through the gate.
  Result<void> put_daemons();

  // Takes back keep() and stage() before anything has been put.
  Result<void> discard();

  // Whether every old file that is to come back is there. A Failure names one that is missing.
  Result<void> check_old_files();

  // Nothing that is staged will be put any more. A setting that was never put is left as it is
  // by undo() and remove_new() then: it may be somebody's newer one.
  Result<void> drop_staged();

  // Puts the old files of these phases back and removes what was new. Control files and run
  // scripts that were changed since stay below upgrade/TIME with ".changed" after their name.
  Result<void> undo(Phase first, Phase last);
  Result<void> undo_daemons();

  // Programs that only the new set has, but for `spare`; after the old ones are back.
  Result<void> remove_new(Phase first, Phase last, const std::string& spare);

  // Files that undo() and remove_new(), of earlier runs too, found changed, each with where it
  // is kept.
  struct Changed {
    std::string target;
    std::string kept;
  };

  [[nodiscard]] std::vector<Changed> changed() const;

 private:
  Result<void> stage_one(const NewFile& file);
  // With those above it, as what make install makes.
  Result<void> make_folders(const std::string& path);
  void remove_empty_folders(std::string folder);
  // Where the gate is written before it gets its name.
  [[nodiscard]] std::string gate_name() const;
  Result<void> put_gate(const std::string& set);
  [[nodiscard]] std::string ours_of(const std::string& target) const;
  // Whether a setting, as we wrote it, may have come to its place.
  [[nodiscard]] bool may_be_put(const Put& put) const;
  Result<void> keep_changed(const Put& put);
  Result<void> undo_one(const Put& put);
  Result<void> keep_leaving();
  Result<void> sync_places(Phase first, Phase last);

  const Places& places_;
  const std::vector<Put>& puts_;
};

}  // namespace reqmail::upgrade
