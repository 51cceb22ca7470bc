#include "upgrade/record.h"

#include "base/number.h"
#include "base/text.h"

namespace reqmail::upgrade {

namespace {

// The start value of FNV-1a with 64 bits.
constexpr std::uint64_t kHashBegin = 14695981039346656037U;
constexpr std::uint64_t kHashFactor = 1099511628211U;

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

// Parses three fields from `first` on.
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

// Parses a "content" line, which follows the "put" line of its file.
bool read_content(const Fields& fields, Record& record) {
  const auto size = fields.size() == 4 ? base::parse_u64(fields[1]) : std::nullopt;
  const auto hash = fields.size() == 4 ? base::parse_u64(fields[2]) : std::nullopt;
  if (!size || !hash || record.puts.empty() || record.puts.back().target != fields[3]) {
    return false;
  }
  record.puts.back().content = ContentMark{*size, *hash};
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
  if (fields[0] == "notes" && fields.size() == 1) {
    record.notes = true;
    return true;
  }
  if (fields[0] == "put") {
    return read_put(fields, record);
  }
  if (fields[0] == "content") {
    return read_content(fields, record);
  }
  if (fields[0] == "access") {
    return read_access(fields, record);
  }
  return fields[0] == "step" && read_step(fields, record);
}

}  // namespace

ContentMark content_mark(std::string_view content) {
  std::uint64_t hash = kHashBegin;
  for (const char c : content) {
    hash = (hash ^ static_cast<unsigned char>(c)) * kHashFactor;
  }
  return {content.size(), hash};
}

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
  if (record.notes) {
    text += "notes\n";
  }
  for (const Put& put : record.puts) {
    plain = plain && is_plain(put.target);
    text += base::concat({"put\t", base::decimal(static_cast<unsigned>(put.phase)),
                          put.had ? "\thad\t" : "\tnew\t", put.target, "\n"});
    if (put.content) {
      text += base::concat({"content\t", base::decimal(put.content->size), "\t",
                            base::decimal(put.content->hash), "\t", put.target, "\n"});
    }
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
  // A text after the last line feed was not complete.
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

const std::string& place_of(const survey::Service& service) {
  return service.supervisor == survey::Supervisor::none ? service.path : service.place;
}

std::string service_line(const survey::Service& service) {
  return base::concat({"service\t", survey::supervisor_name(service.supervisor), "\t",
                       place_of(service), "\n"});
}

}  // namespace reqmail::upgrade
