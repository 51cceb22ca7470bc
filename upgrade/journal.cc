#include "upgrade/journal.h"

#include <cerrno>

#include "base/number.h"
#include "base/text.h"
#include "sys/file.h"
#include "sys/lock.h"
#include "sys/stream.h"

namespace reqmail::upgrade {

namespace {

constexpr std::size_t kLargestJournal = std::size_t{4} << 20;
constexpr Step kSteps[] = {Step::keep,    Step::change,     Step::daemons,
                           Step::restart, Step::verify,     Step::applied,
                           Step::undo,    Step::undo_start, Step::undone};
constexpr survey::Supervisor kSupervisors[] = {
    survey::Supervisor::none, survey::Supervisor::daemontools, survey::Supervisor::runit,
    survey::Supervisor::s6, survey::Supervisor::systemd};

using Fields = std::vector<std::string_view>;

std::string access_text(const Access& access) {
  return base::concat({base::decimal(access.uid), "\t", base::decimal(access.gid), "\t",
                       base::decimal(access.mode)});
}

// Three fields from `first` on.
std::optional<Access> access_from(const Fields& fields, std::size_t first) {
  const auto uid = base::parse_u64(fields[first]);
  const auto gid = base::parse_u64(fields[first + 1]);
  const auto mode = base::parse_u64(fields[first + 2]);
  if (!uid || !gid || !mode) {
    return std::nullopt;
  }
  return Access{static_cast<uid_t>(*uid), static_cast<gid_t>(*gid), static_cast<mode_t>(*mode)};
}

bool read_service(const Fields& fields, Record& record) {
  if (fields.size() != 3) {
    return false;
  }
  if (fields[1] == "down") {
    record.service.reset();
    return true;
  }
  for (const survey::Supervisor supervisor : kSupervisors) {
    if (fields[1] == survey::supervisor_name(supervisor)) {
      record.service = survey::Service{supervisor, "", 0, ""};
      (supervisor == survey::Supervisor::none ? record.service->path : record.service->place) =
          fields[2];
      return true;
    }
  }
  return false;
}

bool read_todo(const Fields& fields, Record& record) {
  if (fields.size() != 8) {
    return false;
  }
  const auto split = base::parse_u64(fields[1]);
  const auto todo = access_from(fields, 2);
  const auto intd = access_from(fields, 5);
  if (!split || !todo || !intd) {
    return false;
  }
  record.todo = TodoLayout{*split, *todo, *intd};
  return true;
}

bool read_put(const Fields& fields, Record& record) {
  if (fields.size() != 4 || (fields[2] != "had" && fields[2] != "new")) {
    return false;
  }
  const auto phase = base::parse_u64(fields[1]);
  if (!phase || *phase > static_cast<unsigned>(Phase::papers)) {
    return false;
  }
  record.puts.push_back(
      {static_cast<Phase>(*phase), fields[2] == "had", std::string(fields[3])});
  return true;
}

bool read_access(const Fields& fields, Record& record) {
  if (fields.size() != 8) {
    return false;
  }
  const auto before = access_from(fields, 1);
  const auto after = access_from(fields, 4);
  if (!before || !after) {
    return false;
  }
  record.accesses.push_back({*before, *after, std::string(fields[7])});
  return true;
}

bool read_step(const Fields& fields, Record& record) {
  if (fields.size() != 2 && fields.size() != 4) {
    return false;
  }
  if (fields.size() == 4) {
    const auto pid = base::parse_u64(fields[2]);
    const auto start = base::parse_u64(fields[3]);
    if (!pid || !start) {
      return false;
    }
    record.leaving = ProcessMark{static_cast<std::int64_t>(*pid), *start};
  }
  for (const Step step : kSteps) {
    if (fields[1] == step_name(step)) {
      record.step = step;
      return true;
    }
  }
  return false;
}

bool read_line(std::string_view line, Record& record) {
  const Fields fields = base::split(line, '\t');
  if (fields[0] == "begin" && fields.size() == 4) {
    record.time = fields[1];
    record.tree = fields[2];
    record.previous = fields[3];
    return !record.time.empty();
  }
  if (fields[0] == "service") {
    return read_service(fields, record);
  }
  if (fields[0] == "todo") {
    return read_todo(fields, record);
  }
  if (fields[0] == "channels" && fields.size() == 1) {
    record.channels = true;
    return true;
  }
  if (fields[0] == "mini" && fields.size() == 1) {
    record.mini = true;
    return true;
  }
  if (fields[0] == "put") {
    return read_put(fields, record);
  }
  if (fields[0] == "access") {
    return read_access(fields, record);
  }
  return fields[0] == "step" && read_step(fields, record);
}

bool is_plain(std::string_view field) {
  return field.find_first_of("\t\n") == std::string_view::npos;
}

std::string step_line(Step step, const std::optional<ProcessMark>& leaving) {
  std::string line = base::concat({"step\t", step_name(step)});
  if (leaving) {
    line += base::concat({"\t", base::decimal(static_cast<std::uint64_t>(leaving->pid)), "\t",
                          base::decimal(leaving->start)});
  }
  return line + "\n";
}

// What a supervisor needs to be told, or rc.
const std::string& place_of(const survey::Service& service) {
  return service.supervisor == survey::Supervisor::none ? service.path : service.place;
}

std::string service_line(const survey::Service& service) {
  return base::concat({"service\t", survey::supervisor_name(service.supervisor), "\t",
                       place_of(service), "\n"});
}

}  // namespace

std::string_view step_name(Step step) {
  switch (step) {
  case Step::none:
    return "none";
  case Step::keep:
    return "keep";
  case Step::change:
    return "change";
  case Step::daemons:
    return "daemons";
  case Step::restart:
    return "restart";
  case Step::verify:
    return "verify";
  case Step::applied:
    return "applied";
  case Step::undo:
    return "undo";
  case Step::undo_start:
    return "undo-start";
  case Step::undone:
    break;
  }
  return "undone";
}

Result<std::string> journal_text(const Record& record) {
  std::string text =
      base::concat({"begin\t", record.time, "\t", record.tree, "\t", record.previous, "\n"});
  bool plain = is_plain(record.tree);
  if (record.service) {
    plain = plain && is_plain(place_of(*record.service));
    text += service_line(*record.service);
  } else {
    text += "service\tdown\t\n";
  }
  if (record.todo) {
    text += base::concat({"todo\t", base::decimal(record.todo->split), "\t",
                          access_text(record.todo->todo), "\t", access_text(record.todo->intd),
                          "\n"});
  }
  if (record.mini) {
    text += "mini\n";
  }
  if (record.channels) {
    text += "channels\n";
  }
  for (const Put& put : record.puts) {
    plain = plain && is_plain(put.target);
    text += base::concat({"put\t", base::decimal(static_cast<unsigned>(put.phase)),
                          put.had ? "\thad\t" : "\tnew\t", put.target, "\n"});
  }
  for (const AccessChange& change : record.accesses) {
    plain = plain && is_plain(change.target);
    text += base::concat({"access\t", access_text(change.before), "\t",
                          access_text(change.after), "\t", change.target, "\n"});
  }
  if (!plain) {
    return permanent("a path holds a tab or a line feed");
  }
  return text + step_line(Step::keep, std::nullopt);
}

Result<Record> parse_journal(std::string_view text) {
  Record record;
  // What comes behind the last line feed was being written.
  text = text.substr(0, text.rfind('\n') == std::string_view::npos ? 0 : text.rfind('\n') + 1);
  for (const std::string_view line : base::lines(text)) {
    if (!read_line(line, record)) {
      return permanent(base::concat({"not understood: ", base::printable(line)}));
    }
  }
  if (record.step != Step::none && record.time.empty()) {
    return permanent("no line says when it began");
  }
  return record;
}

Result<Journal> Journal::open(const std::string& home) {
  Journal journal;
  journal.directory_ = home + "/upgrade";
  if (auto made = make_directories(journal.directory_, 0700); !made) {
    return made.error();
  }
  auto lock = sys::open_append(journal.directory_ + "/lock", 0600);
  if (!lock) {
    return lock.error();
  }
  if (auto locked = sys::try_lock_exclusive(lock->get()); !locked) {
    return locked.error().error == EWOULDBLOCK
               ? temporary("another qmail-upgrade is at work", EWOULDBLOCK)
               : locked.error();
  }
  journal.lock_ = std::move(*lock);
  if (auto read = journal.read(); !read) {
    return read.error();
  }
  return journal;
}

Result<void> Journal::read() {
  const std::string path = directory_ + "/journal";
  record_ = Record{};
  const auto text = sys::read_file(path, kLargestJournal);
  if (!text) {
    return text.error().error == ENOENT ? Result<void>() : text.error();
  }
  auto record = parse_journal(*text);
  if (!record) {
    return temporary(base::concat({path, ": ", record.error().text}));
  }
  record_ = std::move(*record);
  return {};
}

Result<void> Journal::begin(Record record) {
  record.previous = record_.time;
  const auto text = journal_text(record);
  if (!text) {
    return text.error();
  }
  const std::string path = directory_ + "/journal";
  if (record_.step != Step::none) {
    const std::string older = base::concat({path, ".", record_.time});
    if (auto kept = keep_file(path, older); !kept) {
      return kept;
    }
  }
  if (auto written = sys::replace_file(path, *text, 0600); !written) {
    return written;
  }
  record_ = std::move(record);
  record_.step = Step::keep;
  return {};
}

Result<void> Journal::append(const std::string& line) {
  const std::string path = directory_ + "/journal";
  const auto file = sys::open_read_write(path);
  if (!file) {
    return file.error();
  }
  // A line that was being written when a run was killed says nothing and goes.
  const auto text = sys::read_all(file->get(), kLargestJournal);
  if (!text) {
    return text.error();
  }
  const std::size_t end = text->rfind('\n') == std::string::npos ? 0 : text->rfind('\n') + 1;
  if (end != text->size()) {
    return sys::replace_file(path, text->substr(0, end) + line, 0600);
  }
  if (auto written = sys::write_all(file->get(), line); !written) {
    return written;
  }
  return sys::sync(file->get());
}

Result<void> Journal::step(Step step, std::optional<ProcessMark> leaving) {
  if (auto written = append(step_line(step, leaving)); !written) {
    return written;
  }
  record_.step = step;
  if (leaving) {
    record_.leaving = leaving;
  }
  return {};
}

Result<void> Journal::service(const survey::Service& service) {
  if (!is_plain(place_of(service))) {
    return permanent("the service's name holds a tab or a line feed");
  }
  if (auto written = append(service_line(service)); !written) {
    return written;
  }
  record_.service = service;
  return {};
}

Result<void> Journal::forget() {
  const std::string path = directory_ + "/journal";
  const std::string older = base::concat({path, ".", record_.previous});
  if (record_.previous.empty() || !survey::is_there(older)) {
    if (auto gone = remove_if_there(path); !gone) {
      return gone;
    }
  } else if (auto back = sys::rename_file(older, path); !back) {
    return back;
  }
  if (auto synced = sys::sync_directory(directory_); !synced) {
    return synced;
  }
  return read();
}

}  // namespace reqmail::upgrade
