#include "survey/queue_check.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "base/number.h"
#include "base/text.h"
#include "survey/about.h"
#include "survey/old_files.h"
#include "survey/paths.h"

namespace reqmail::survey {

namespace {

constexpr std::array<std::string_view, 4> kSplitKinds = {"mess", "info", "local", "remote"};
// A larger number cannot be that of a directory, but is the name of some other file.
constexpr std::uint64_t kSplitMax = 100000;
// The number of holes that are named.
constexpr std::size_t kNamedHoles = 5;

struct LockFile {
  std::string_view name;
  mode_t type;
};

constexpr std::array kLocks = {LockFile{"lock/sendmutex", S_IFREG},
                               LockFile{"lock/tcpto", S_IFREG},
                               LockFile{"lock/trigger", S_IFIFO}};

class Walker {
 public:
  Walker(std::string queue, QueueFacts& facts) : queue_(std::move(queue)), facts_(facts) {}

  void walk() {
    count_split();
    find_holes();
    for (std::uint64_t index = 0; index < facts_.split; ++index) {
      look_at_messages(index);
    }
    facts_.todo_split = count_flat("todo", facts_.unprocessed);
    std::uint64_t ignored = 0;
    facts_.intd_split = count_flat("intd", ignored);
    (void)count_flat("bounce", facts_.bounces);
    find_channels();
    for (const LockFile& lock : kLocks) {
      const auto status = look(path(lock.name));
      if (!status || !*status || ((*status)->st_mode & S_IFMT) != lock.type) {
        facts_.broken_locks.emplace_back(lock.name);
      }
    }
  }

 private:
  [[nodiscard]] std::string path(std::string_view name) const {
    return base::concat({queue_, "/", name});
  }

  std::vector<Entry> entries(const std::string& name) {
    auto found = list_entries(path(name));
    if (!found) {
      facts_.unreadable.push_back(name);
      return {};
    }
    return std::move(*found);
  }

  void count_split() {
    for (const Entry& entry : entries("mess")) {
      const auto number = base::parse_u64(entry.name);
      if (number && *number < kSplitMax &&
          is_directory(path(base::concat({"mess/", entry.name})))) {
        facts_.split = std::max(facts_.split, *number + 1);
      }
    }
  }

  void find_holes() {
    for (const std::string_view kind : kSplitKinds) {
      for (std::uint64_t index = 0; index < facts_.split; ++index) {
        std::string name = base::concat({kind, "/", base::decimal(index)});
        if (!is_directory(path(name))) {
          facts_.holes.push_back(std::move(name));
        }
      }
    }
  }

  void look_at_messages(std::uint64_t index) {
    for (const Entry& entry : entries(base::concat({"mess/", base::decimal(index)}))) {
      const auto number = base::parse_u64(entry.name);
      if (!number || !S_ISREG(entry.status.st_mode)) {
        continue;
      }
      ++facts_.messages;
      if (*number % facts_.split != index) {
        ++facts_.misplaced;
      }
      if (*number != entry.status.st_ino) {
        ++facts_.renumbered;
      }
    }
  }

  // Counts the files of a directory that is flat in qmail; returns whether it is divided as
  // with big-todo.
  bool count_flat(const std::string& name, std::uint64_t& count) {
    bool divided = false;
    for (const Entry& entry : entries(name)) {
      if (!base::parse_u64(entry.name)) {
        continue;
      }
      if (S_ISDIR(entry.status.st_mode)) {
        divided = true;
        count += entries(base::concat({name, "/", entry.name})).size();
      } else {
        ++count;
      }
    }
    return divided;
  }

  void find_channels() {
    for (const Entry& entry : entries(".")) {
      if (entry.name.rfind("suppl", 0) != 0 || !S_ISDIR(entry.status.st_mode)) {
        continue;
      }
      facts_.channels.push_back(entry.name);
      for (const Entry& part : entries(entry.name)) {
        facts_.in_channels += S_ISDIR(part.status.st_mode)
                                  ? entries(base::concat({entry.name, "/", part.name})).size()
                                  : 1;
      }
    }
  }

  std::string queue_;
  QueueFacts& facts_;
};

Finding about(const std::string& queue, std::string_view name, std::string code,
              Severity severity, std::string text, std::string action) {
  Finding finding;
  finding.code = std::move(code);
  finding.severity = severity;
  finding.subject = base::concat({queue, name.empty() ? "" : "/", name});
  finding.text = std::move(text);
  finding.action = std::move(action);
  return finding;
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size() && i < kNamedHoles; ++i) {
    text += base::concat({i == 0 ? "" : ", ", names[i]});
  }
  if (names.size() > kNamedHoles) {
    text += base::concat({" and ", base::decimal(names.size() - kNamedHoles), " more"});
  }
  return text;
}

void check_split(std::vector<Finding>& findings, const std::string& queue,
                 const QueueFacts& facts) {
  const std::string found = base::decimal(facts.split);
  if (!facts.holes.empty()) {
    findings.push_back(about(
        queue, "", "queue-holes", Severity::stop,
        base::concat({"has ", found,
                      " directories in mess, but these are missing: ", joined(facts.holes)}),
        "make them as their neighbours are (owner, mode), with the old qmail stopped"));
  }
  if (facts.misplaced > 0) {
    std::string text = base::concat({"has ", found, " directories, but "});
    text +=
        base::concat({counted(facts.misplaced, "message"),
                      facts.misplaced == 1 ? " lies" : " lie", " where another split puts "});
    text += facts.misplaced == 1 ? "it: nobody would find it" : "them: nobody would find them";
    findings.push_back(about(queue, "mess", "other-split", Severity::loss, std::move(text),
                             "let the old qmail empty the queue, or mend it with queue-fix"));
  } else if (facts.old_split && *facts.old_split != facts.split) {
    findings.push_back(
        about(queue, "mess", "other-split", Severity::loss,
              base::concat({"has ", found, " directories, but the old programs are built for ",
                            base::decimal(*facts.old_split)}),
              base::concat({"remove the directories from ", base::decimal(*facts.old_split),
                            " on in mess, info, local and remote, if they are empty"})));
  }
}

void check_todo(std::vector<Finding>& findings, const std::string& queue,
                const QueueFacts& facts) {
  if (!facts.todo_split && !facts.intd_split) {
    return;
  }
  Finding finding = about(
      queue, facts.todo_split ? "todo" : "intd", "big-todo", Severity::note,
      base::concat({"is divided into directories (", counted(facts.unprocessed, "message"),
                    " in todo); reqmail has one directory"}),
      "apply moves the files of todo and intd, with qmail-send stopped");
  finding.origin = "big-todo";
  Conversion conversion;
  conversion.kind = Conversion::Kind::flatten_todo;
  conversion.path = queue;
  finding.conversions.push_back(std::move(conversion));
  findings.push_back(std::move(finding));
}

void check_channels(std::vector<Finding>& findings, const std::string& queue,
                    const QueueFacts& facts) {
  if (facts.channels.empty()) {
    return;
  }
  Finding finding = about(
      queue, facts.channels[0], "channels", Severity::note,
      base::concat({"belongs to further channels (", joined(facts.channels), ") with ",
                    base::decimal(facts.in_channels),
                    facts.in_channels == 1 ? " file" : " files",
                    "; all mail goes by local and remote from now on"}),
      "apply moves what is there to remote when the old qmail-send has ended; the directories "
      "stay for a rollback");
  Conversion conversion;
  conversion.kind = Conversion::Kind::empty_channels;
  conversion.path = queue;
  finding.conversions.push_back(std::move(conversion));
  finding.origin = "channels";
  findings.push_back(std::move(finding));
}

}  // namespace

QueueFacts look_at_queue(const std::string& queue, const OldPrograms& programs) {
  QueueFacts facts;
  facts.present = is_directory(queue);
  facts.old_split = programs.split;
  if (facts.present) {
    Walker(queue, facts).walk();
  }
  return facts;
}

std::vector<Finding> check_queue(const std::string& queue, const QueueFacts& facts) {
  std::vector<Finding> findings;
  if (!facts.present || facts.split == 0) {
    findings.push_back(
        about(queue, "", "queue-missing", Severity::stop,
              facts.unreadable.empty() ? "is no queue of qmail's" : "cannot be looked into",
              facts.unreadable.empty() ? "" : "run qmail-upgrade as root"));
    return findings;
  }
  if (!facts.unreadable.empty()) {
    findings.push_back(
        about(queue, "", "queue-unreadable", Severity::note,
              base::concat({"could not be looked into: ", joined(facts.unreadable)}),
              "run qmail-upgrade as root"));
  }
  check_split(findings, queue, facts);
  check_todo(findings, queue, facts);
  check_channels(findings, queue, facts);
  for (const std::string& lock : facts.broken_locks) {
    findings.push_back(about(queue, lock, "queue-lock", Severity::note,
                             "is missing or of another type", "make install puts it there"));
  }
  if (facts.renumbered > 0) {
    findings.push_back(
        about(queue, "mess", "queue-copied", Severity::note,
              base::concat({"has ", counted(facts.renumbered, "message"),
                            " with another name than the inode: the queue was copied, and "
                            "a new message may get the name of an old one"}),
              "let it run empty, or mend it with queue-fix"));
  }
  return findings;
}

}  // namespace reqmail::survey
