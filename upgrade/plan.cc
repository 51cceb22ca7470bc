#include "upgrade/plan.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/text.h"
#include "sys/directory.h"
#include "sys/error.h"
#include "sys/file.h"
#include "sys/identity.h"
#include "upgrade/program_table.h"

namespace reqmail::upgrade {

namespace {

// The program that replaces qmail-queue on a host without a queue.
constexpr std::string_view kClient = "qmail-qmqpc";
// The suffix of the program that handles sessions in TLS for another one.
constexpr std::string_view kTlsHalf = "-tls";

// Returns the uid of one of qmail's accounts; qmail's files must not belong to others.
Result<uid_t> uid_named(const std::string& name) {
  if (name == "root") {
    return uid_t{0};
  }
  for (const sys::Account account :
       {sys::Account::alias, sys::Account::qmaild, sys::Account::qmaill, sys::Account::qmailp,
        sys::Account::qmailq, sys::Account::qmailr, sys::Account::qmails}) {
    if (name == sys::account_name(account)) {
      return need_uid(account);
    }
  }
  return temporary(base::concat({"there is no account ", name}));
}

Result<gid_t> gid_named(const std::string& name) {
  if (name == "root") {
    return gid_t{0};
  }
  for (const sys::Group group : {sys::Group::qmail, sys::Group::nofiles}) {
    if (name == sys::group_name(group)) {
      return need_gid(group);
    }
  }
  return temporary(base::concat({"there is no group ", name}));
}

// Returns the access of the existing file (or root:qmail 0644), changed as the conversion says.
Result<Access> wanted_access(const survey::Conversion& conversion, const std::string& target) {
  Access access;
  if (const auto status = sys::status(target)) {
    access = access_of(*status);
    if (conversion.kind != survey::Conversion::Kind::set_access) {
      return access;
    }
  } else {
    const auto gid = need_gid(sys::Group::qmail);
    if (!gid) {
      return gid.error();
    }
    access = {0, *gid, 0644};
  }
  if (!conversion.owner.empty()) {
    const auto uid = uid_named(conversion.owner);
    if (!uid) {
      return uid.error();
    }
    access.uid = *uid;
  }
  if (!conversion.group.empty()) {
    const auto gid = gid_named(conversion.group);
    if (!gid) {
      return gid.error();
    }
    access.gid = *gid;
  }
  if (conversion.mode != 0) {
    access.mode = conversion.mode;
  }
  return access;
}

// Returns whether a host without a queue gets the program: it has the old one, or the program
// is the TLS part of one, or is needed for rollback.
bool is_wanted_without_queue(const std::string& home, std::string_view name) {
  const std::string_view whole =
      name.ends_with(kTlsHalf) ? name.substr(0, name.size() - kTlsHalf.size()) : name;
  return name == "qmail-upgrade" ||
         (name != kQueueProgram && survey::is_there(base::concat({home, "/bin/", whole})));
}

class Planner {
 public:
  Planner(const survey::Request& request, bool mini) : request_(request), mini_(mini) {}

  Result<void> programs();
  // Adds all files below TREE/`folder`, for HOME/`folder`.
  Result<void> papers(const std::string& folder);
  Result<void> conversion(const survey::Conversion& conversion);

  Plan take() {
    std::stable_sort(plan_.files.begin(), plan_.files.end(),
                     [](const NewFile& one, const NewFile& other) {
                       return one.put.phase < other.put.phase;
                     });
    return std::move(plan_);
  }

 private:
  bool is_planned(const std::string& target) const;
  void add(NewFile file);
  // Returns the group of files for which no other group is defined.
  Result<gid_t> group() const;
  // Returns the names in the tree's bin that are installed.
  Result<std::vector<std::string>> program_names() const;
  // Returns the program of that name, to be installed in bin/ as `place`.
  Result<NewFile> program(const std::string& name, const std::string& place) const;

  const survey::Request& request_;
  bool mini_;
  Plan plan_;
};

bool Planner::is_planned(const std::string& target) const {
  return std::any_of(plan_.files.begin(), plan_.files.end(),
                     [&](const NewFile& file) { return file.put.target == target; });
}

void Planner::add(NewFile file) {
  file.put.had = survey::is_there(file.put.target);
  plan_.files.push_back(std::move(file));
}

Result<gid_t> Planner::group() const {
  if (!mini_) {
    return need_gid(sys::Group::qmail);
  }
  const auto status = sys::status(request_.home + "/bin");
  return status ? Result<gid_t>(status->st_gid) : status.error();
}

Result<std::vector<std::string>> Planner::program_names() const {
  auto names = sys::list_directory(request_.tree + "/bin");
  if (!names) {
    return names.error();
  }
  if (mini_) {
    std::erase_if(*names, [&](const std::string& name) {
      return !is_wanted_without_queue(request_.home, name);
    });
  } else {
    for (const std::string_view needed : kDaemons) {
      if (!is_one_of(*names, needed)) {
        return permanent(base::concat({request_.tree, "/bin has no ", needed}));
      }
    }
    if (!is_one_of(*names, kStart) || !is_one_of(*names, kQueueProgram)) {
      return permanent(base::concat({request_.tree, "/bin has no qmail-start or qmail-queue"}));
    }
  }
  std::erase_if(*names, [&](const std::string& name) {
    const auto status = sys::status(base::concat({request_.tree, "/bin/", name}));
    return !status || !S_ISREG(status->st_mode) || name.front() == '.';
  });
  return names;
}

Result<NewFile> Planner::program(const std::string& name, const std::string& place) const {
  NewFile file;
  file.source = base::concat({request_.tree, "/bin/", name});
  file.put = {phase_of(name), false, base::concat({request_.home, "/bin/", place})};
  const auto status = sys::status(file.source);
  if (!status) {
    return status.error();
  }
  if (auto access = program_access(name, status->st_mode)) {
    file.access = *access;
  } else if (!mini_) {
    return access.error();
  } else {
    const auto gid = group();
    if (!gid) {
      return gid.error();
    }
    file.access = {0, *gid, status->st_mode & kPlainBits};
  }
  return file;
}

Result<void> Planner::programs() {
  const auto names = program_names();
  if (!names) {
    return names.error();
  }
  std::vector<NewFile> files;
  for (const std::string& name : *names) {
    auto file = program(name, name);
    if (!file) {
      return file.error();
    }
    files.push_back(std::move(*file));
  }
  const std::string queue = base::concat({request_.home, "/bin/", kQueueProgram});
  if (const auto found = sys::link_status(queue); mini_ && found && S_ISREG(found->st_mode)) {
    auto file = program(std::string(kClient), std::string(kQueueProgram));
    if (!file) {
      return file.error();
    }
    files.push_back(std::move(*file));
  }
  const bool differs = std::any_of(files.begin(), files.end(), [](const NewFile& file) {
    const auto found = sys::link_status(file.put.target);
    return !found || !S_ISREG(found->st_mode) || found->st_uid != file.access.uid ||
           found->st_gid != file.access.gid || (found->st_mode & 07777) != file.access.mode ||
           !survey::same_file(file.source, file.put.target);
  });
  // All are replaced or none, since the daemons must be of one version.
  if (differs) {
    for (NewFile& file : files) {
      add(std::move(file));
    }
  }
  return {};
}

Result<void> Planner::papers(const std::string& folder) {
  const auto names = sys::list_directory(base::concat({request_.tree, "/", folder}));
  if (!names) {
    return names.error().error == ENOENT ? Result<void>() : names.error();
  }
  const auto gid = group();
  if (!gid) {
    return gid.error();
  }
  for (const std::string& name : *names) {
    const std::string path = base::concat({folder, "/", name});
    const std::string source = base::concat({request_.tree, "/", path});
    const std::string target = base::concat({request_.home, "/", path});
    const auto status = sys::link_status(source);
    if (!status) {
      return status.error();
    }
    if (S_ISDIR(status->st_mode)) {
      if (auto done = papers(path); !done) {
        return done;
      }
    } else if (S_ISREG(status->st_mode) && !survey::same_file(source, target)) {
      const mode_t mode = (status->st_mode & S_IXUSR) != 0 ? 0755 : 0644;
      add({{Phase::papers, false, target}, source, "", {0, *gid, mode}});
    }
  }
  return {};
}

Result<void> Planner::conversion(const survey::Conversion& conversion) {
  // Whether these are needed is decided later from the state of the queue.
  if (conversion.kind == survey::Conversion::Kind::flatten_todo ||
      conversion.kind == survey::Conversion::Kind::empty_channels) {
    return {};
  }
  if (conversion.kind == survey::Conversion::Kind::edit_script && !request_.edit_run_scripts) {
    return {};
  }
  // If the path is a link, its target is replaced.
  const std::string target = survey::real_path(conversion.path).value_or(conversion.path);
  const auto access = wanted_access(conversion, target);
  if (!access) {
    return access.error();
  }
  if (conversion.kind == survey::Conversion::Kind::set_access) {
    const auto status = sys::status(target);
    if (!status) {
      return status.error();
    }
    // If there are two conversions for a file, only the first counts, so that it is undone
    // once.
    const bool planned = std::any_of(
        plan_.accesses.begin(), plan_.accesses.end(),
        [&](const AccessChange& change) { return survey::same_place(change.target, target); });
    if (!planned) {
      plan_.accesses.push_back({access_of(*status), *access, target});
    }
    return {};
  }
  if (is_planned(target)) {
    return permanent(base::concat({"two changes of ", target}));
  }
  Put put{Phase::settings, false, target};
  if (const auto now = sys::read_file(target, survey::kLargestFile)) {
    put.content = content_mark(*now);
  }
  add({put, "", conversion.content, *access});
  return {};
}

}  // namespace

Result<Plan> make_plan(const survey::Request& request,
                       const std::vector<survey::Finding>& findings, bool mini) {
  Planner planner(request, mini);
  for (const survey::Finding& finding : findings) {
    for (const survey::Conversion& conversion : finding.conversions) {
      if (auto done = planner.conversion(conversion); !done) {
        return done.error();
      }
    }
  }
  if (auto done = planner.programs(); !done) {
    return done.error();
  }
  for (const char* folder : {"man", "doc", "setup", "services"}) {
    if (mini && !survey::is_directory(base::concat({request.home, "/", folder}))) {
      continue;
    }
    if (auto done = planner.papers(folder); !done) {
      return done.error();
    }
  }
  return planner.take();
}

}  // namespace reqmail::upgrade
