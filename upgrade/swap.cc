#include "upgrade/swap.h"

#include <algorithm>
#include <cerrno>
#include <set>

#include "base/text.h"
#include "sys/directory.h"
#include "sys/file.h"
#include "upgrade/gate.h"
#include "upgrade/program_table.h"

namespace reqmail::upgrade {

namespace {

constexpr mode_t kOldFilesMode = 0700;
constexpr mode_t kFolderMode = 0755;
constexpr mode_t kGateMode = 0700;
// The suffix of the copy of our new file, which is kept next to the old one to detect later
// changes.
constexpr std::string_view kOurs = ".new";
constexpr std::string_view kChanged = ".changed";

bool is_within(Phase phase, Phase first, Phase last) {
  return phase >= first && phase <= last;
}

Result<void> rename_staged(const std::string& target) {
  const std::string staged = staged_name(target);
  return survey::is_there(staged) ? rename_file(staged, target) : Result<void>();
}

}  // namespace

Result<void> Swap::keep() {
  const std::string folder = places_.old_bin();
  const auto status = sys::status(places_.bin());
  if (!status) {
    return status.error();
  }
  if (auto made = make_directory(folder, kFolderMode); !made) {
    return made;
  }
  if (auto set = set_access(folder, access_of(*status)); !set) {
    return set;
  }
  const auto names = sys::list_directory(places_.bin());
  if (!names) {
    return names.error();
  }
  for (const std::string& name : *names) {
    const auto entry = sys::link_status(places_.program(name));
    if (!entry || S_ISDIR(entry->st_mode)) {
      continue;
    }
    if (auto kept = keep_file(places_.program(name), base::concat({folder, "/", name}));
        !kept) {
      return kept;
    }
  }
  if (auto synced = sys::sync_directory(folder); !synced) {
    return synced;
  }
  for (const Put& put : puts_) {
    const std::string old = places_.old_of(put.target);
    const std::string above = sys::directory_of(old);
    if (!put.had || above == folder) {
      continue;
    }
    if (auto made = make_directories(above, kOldFilesMode); !made) {
      return made;
    }
    if (auto kept = keep_file(put.target, old); !kept) {
      return kept;
    }
    if (auto synced = sys::sync_directory(above); !synced) {
      return synced;
    }
  }
  return sys::sync_directory(places_.home());
}

Result<void> Swap::make_folders(const std::string& path) {
  if (survey::is_directory(path)) {
    return {};
  }
  const std::string above = sys::directory_of(path);
  if (auto made = make_folders(above); !made) {
    return made;
  }
  const auto status = sys::status(places_.bin());
  if (!status) {
    return status.error();
  }
  if (auto made = make_directory(path, kFolderMode); !made) {
    return made;
  }
  if (auto set = set_access(path, {0, status->st_gid, kFolderMode}); !set) {
    return set;
  }
  return sys::sync_directory(above);
}

Result<void> Swap::stage_one(const NewFile& file) {
  const std::string staged = staged_name(file.put.target);
  if (auto made = make_folders(sys::directory_of(staged)); !made) {
    return made;
  }
  if (!file.source.empty()) {
    // The tree may consist of links.
    return copy_file(survey::real_path(file.source).value_or(file.source), staged, file.access);
  }
  if (auto written = write_file(staged, file.content, file.access); !written) {
    return written;
  }
  const std::string ours = ours_of(file.put.target);
  if (auto made = make_directories(sys::directory_of(ours), kOldFilesMode); !made) {
    return made;
  }
  // This must be a copy: editing the installed file must not change it.
  return copy_file(staged, ours, std::nullopt);
}

Result<void> Swap::stage(const std::vector<NewFile>& files) {
  for (const NewFile& file : files) {
    if (auto done = stage_one(file); !done) {
      return done;
    }
  }
  // After the next step, a missing staged file means that it has been installed.
  return sync_places(Phase::settings, Phase::papers);
}

Result<void> Swap::sync_places(Phase first, Phase last) {
  std::set<std::string> folders;
  for (const Put& put : puts_) {
    if (is_within(put.phase, first, last)) {
      folders.insert(sys::directory_of(put.target));
    }
  }
  for (const std::string& folder : folders) {
    if (auto synced = sys::sync_directory(folder); !synced && synced.error().error != ENOENT) {
      return synced;
    }
  }
  return {};
}

std::string Swap::ours_of(const std::string& target) const {
  return places_.old_of(target) + std::string(kOurs);
}

bool Swap::may_be_put(const Put& put) const {
  return put.phase != Phase::settings || survey::is_there(ours_of(put.target));
}

Result<void> Swap::check_settings() {
  for (const Put& put : puts_) {
    if (put.phase != Phase::settings || !survey::is_there(staged_name(put.target)) ||
        (put.had && !put.content)) {
      continue;
    }
    const auto now = sys::read_file(put.target, survey::kLargestFile);
    const bool same =
        put.had ? now && content_mark(*now) == *put.content : !survey::is_there(put.target);
    if (!same) {
      return temporary(base::concat(
          {put.target,
           " was changed after apply had read it: run rollback, which leaves it as it is, and "
           "then apply again"}));
    }
  }
  return {};
}

Result<void> Swap::put(Phase first, Phase last) {
  for (const Put& put : puts_) {
    if (!is_within(put.phase, first, last)) {
      continue;
    }
    if (auto done = rename_staged(put.target); !done) {
      return done;
    }
  }
  return sync_places(first, last);
}

std::string Swap::gate_name() const {
  return base::concat({places_.bin(), "/.", kStart, ".gate"});
}

Result<void> Swap::put_gate(const std::string& set) {
  const std::string start = places_.program(kStart);
  const std::string gate = gate_name();
  const auto status = sys::status(places_.bin());
  if (!status) {
    return status.error();
  }
  if (auto written = write_file(gate, gate_text(set), {0, status->st_gid, kGateMode});
      !written) {
    return written;
  }
  if (auto done = rename_file(gate, start); !done) {
    return done;
  }
  return sys::sync_directory(places_.bin());
}

Result<void> Swap::put_daemons() {
  // qmail-start is the last one, so everything is installed.
  if (!survey::is_there(staged_name(places_.program(kStart)))) {
    return {};
  }
  if (survey::is_there(base::concat({places_.old_bin(), "/", kStart}))) {
    if (auto gate = put_gate(places_.old_bin()); !gate) {
      return gate;
    }
  }
  if (auto done = put(Phase::daemons, Phase::daemons); !done) {
    return done;
  }
  return put(Phase::start, Phase::start);
}

Result<void> Swap::discard() {
  if (auto dropped = drop_staged(); !dropped) {
    return dropped;
  }
  for (const Put& put : puts_) {
    if (!put.had && put.phase != Phase::programs) {
      remove_empty_folders(sys::directory_of(put.target));
    }
  }
  if (auto gone = remove_tree(places_.old_files()); !gone) {
    return gone;
  }
  return remove_tree(places_.old_bin());
}

Result<void> Swap::check_old_files() {
  for (const Put& put : puts_) {
    if (put.had && !survey::is_there(places_.old_of(put.target))) {
      return temporary(base::concat(
          {"the old file ", places_.old_of(put.target), " is gone: nothing was changed"}));
    }
  }
  return {};
}

Result<void> Swap::drop_staged() {
  if (auto gone = remove_if_there(gate_name()); !gone) {
    return gone;
  }
  for (const Put& put : puts_) {
    const std::string staged = staged_name(put.target);
    // undo_one() uses this name for the old file for a moment.
    if (put.phase == Phase::settings && survey::is_there(staged) &&
        !survey::same_file(staged, places_.old_of(put.target))) {
      if (auto gone = remove_if_there(ours_of(put.target)); !gone) {
        return gone;
      }
    }
    if (auto gone = remove_if_there(staged); !gone) {
      return gone;
    }
  }
  return {};
}

Result<void> Swap::keep_changed(const Put& put) {
  const std::string old = places_.old_of(put.target);
  const std::string ours = ours_of(put.target);
  // An old file that is installed again has another inode if it was copied from another file
  // system.
  if (put.phase != Phase::settings || !survey::is_there(put.target) ||
      !survey::is_there(ours) || survey::same_file(ours, put.target) ||
      survey::same_file(old, put.target)) {
    return {};
  }
  return keep_file(put.target, old + std::string(kChanged));
}

std::vector<Swap::Changed> Swap::changed() const {
  std::vector<Changed> found;
  for (const Put& put : puts_) {
    const std::string kept = places_.old_of(put.target) + std::string(kChanged);
    if (put.phase == Phase::settings && survey::is_there(kept)) {
      found.push_back({put.target, kept});
    }
  }
  return found;
}

Result<void> Swap::undo_one(const Put& put) {
  const std::string old = places_.old_of(put.target);
  if (!put.had || !may_be_put(put) || survey::same_inode(old, put.target)) {
    return {};
  }
  if (auto kept = keep_changed(put); !kept) {
    return kept;
  }
  const std::string staged = staged_name(put.target);
  if (auto kept = keep_file(old, staged); !kept) {
    return kept;
  }
  if (auto done = rename_file(staged, put.target); !done) {
    return done;
  }
  return {};
}

Result<void> Swap::undo(Phase first, Phase last) {
  for (const Put& put : puts_) {
    if (!is_within(put.phase, first, last)) {
      continue;
    }
    if (auto done = undo_one(put); !done) {
      return done;
    }
  }
  return sync_places(first, last);
}

// Keeps a whole set of the daemons that are replaced, for the gate.
Result<void> Swap::keep_leaving() {
  const std::string folder = places_.leaving_bin();
  if (auto made = make_directory(folder, kFolderMode); !made) {
    return made;
  }
  for (const Put& put : puts_) {
    if (put.phase != Phase::daemons && put.phase != Phase::start) {
      continue;
    }
    const std::string name = put.target.substr(put.target.rfind('/') + 1);
    if (auto kept = keep_file(put.target, base::concat({folder, "/", name})); !kept) {
      return kept;
    }
  }
  return sys::sync_directory(folder);
}

Result<void> Swap::undo_daemons() {
  const std::string start = places_.program(kStart);
  const std::string old_start = base::concat({places_.old_bin(), "/", kStart});
  const auto put = std::find_if(puts_.begin(), puts_.end(),
                                [&](const Put& one) { return one.target == start; });
  if (put == puts_.end() || !put->had) {
    return undo(Phase::daemons, Phase::start);
  }
  if (!survey::same_inode(start, old_start) && !is_gate(start)) {
    if (auto kept = keep_leaving(); !kept) {
      return kept;
    }
    if (auto gate = put_gate(places_.leaving_bin()); !gate) {
      return gate;
    }
  }
  if (auto done = undo(Phase::daemons, Phase::daemons); !done) {
    return done;
  }
  if (auto done = undo(Phase::start, Phase::start); !done) {
    return done;
  }
  return remove_tree(places_.leaving_bin());
}

// Removes directories that were made for new files (control/notlshosts, man/man8) and are empty
// now.
void Swap::remove_empty_folders(std::string folder) {
  const std::string top = places_.home() + "/";
  while (folder.compare(0, top.size(), top) == 0 && folder != top + "control" &&
         remove_directory(folder)) {
    folder = sys::directory_of(folder);
  }
}

Result<void> Swap::remove_new(Phase first, Phase last, const std::string& spare) {
  for (const Put& put : puts_) {
    if (put.had || !is_within(put.phase, first, last) || put.target == spare ||
        !may_be_put(put)) {
      continue;
    }
    if (auto kept = keep_changed(put); !kept) {
      return kept;
    }
    if (auto gone = remove_if_there(put.target); !gone) {
      return gone;
    }
    if (put.phase != Phase::programs) {
      remove_empty_folders(sys::directory_of(put.target));
    }
  }
  return sync_places(first, last);
}

}  // namespace reqmail::upgrade
