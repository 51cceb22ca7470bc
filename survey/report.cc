#include "survey/report.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/number.h"
#include "base/text.h"
#include "survey/about.h"

namespace reqmail::survey {

namespace {

constexpr std::size_t kWidth = 100;
// The number of running processes that are named.
constexpr std::size_t kNamedDaemons = 12;

// The directory of most harmless files.
constexpr std::string_view kControl = "control/";
constexpr std::string_view kFirstIndent = "  ";
constexpr std::string_view kIndent = "      ";

// Wraps text into lines.
std::string folded(std::string_view text, std::string_view first = kFirstIndent,
                   std::string_view others = kIndent) {
  std::string out;
  std::string line(first);
  bool empty = true;
  for (const std::string_view word : base::split(text, ' ')) {
    if (line.size() + 1 + word.size() > kWidth && !empty) {
      out += line + "\n";
      line = others;
      empty = true;
    }
    line += base::concat({empty ? "" : " ", word});
    empty = false;
  }
  return out + line + "\n";
}

std::string fact(std::string_view name, const std::string& value) {
  constexpr std::size_t kColumn = 14;
  std::string line = base::concat({name, ":"});
  line.append(kColumn - std::min(kColumn - 1, line.size()), ' ');
  return folded(visible(value), line, std::string(kColumn, ' '));
}

std::string list_of(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    text += base::concat({text.empty() ? "" : ", ", name});
  }
  return text;
}

std::string queue_text(const QueueFacts& queue) {
  if (!queue.present) {
    return "none";
  }
  std::string text =
      base::concat({counted(queue.messages, "message"), ", ", base::decimal(queue.unprocessed),
                    " of them not yet preprocessed, ", base::decimal(queue.bounces),
                    queue.bounces == 1 ? " with a bounce; " : " with bounces; ",
                    base::decimal(queue.split), " directories"});
  if (queue.todo_split) {
    text += "; todo divided";
  }
  return text;
}

std::string daemons_text(const DaemonFacts& facts) {
  std::string text;
  std::size_t count = 0;
  for (const Daemon& daemon : facts.daemons) {
    if (++count > kNamedDaemons) {
      break;
    }
    text += base::concat({text.empty() ? "" : ", ", daemon.program, " ",
                          base::decimal(static_cast<std::uint64_t>(daemon.pid))});
  }
  if (facts.daemons.size() > kNamedDaemons) {
    text +=
        base::concat({" and ", base::decimal(facts.daemons.size() - kNamedDaemons), " more"});
  }
  return text.empty() ? "none" : text;
}

std::string head(const Request& request, const Inspection& inspection) {
  return fact("home", request.home) + fact("new programs", request.tree) +
         fact("old programs", inspection.version) +
         fact("patches",
              inspection.patches.empty() ? "none that is known" : list_of(inspection.patches)) +
         fact("queue", queue_text(inspection.queue)) +
         fact("running", daemons_text(inspection.daemons)) +
         fact("supervisor",
              base::concat({supervisor_name(inspection.daemons.send_service.supervisor),
                            inspection.daemons.send_service.place.empty() ? "" : " ",
                            inspection.daemons.send_service.place})) +
         fact("disk", base::concat(
                          {base::decimal(inspection.space.free_bytes >> 20), " MiB free, ",
                           base::decimal(inspection.space.needed_bytes >> 20), " MiB needed"}));
}

// Returns a path relative to the home if it is below it: the report names the home once.
std::string place_in(const std::string& home, const std::string& place) {
  const std::string begin = base::concat({home, "/"});
  return place.rfind(begin, 0) == 0 ? place.substr(begin.size()) : place;
}

// One finding for several subjects.
struct Said {
  const Finding* finding = nullptr;
  std::vector<std::string> subjects;
};

bool says_the_same(const Finding& one, const Finding& other) {
  if (one.severity == Severity::harmless) {
    return one.text == other.text;
  }
  // Files that could not be read differ in type, so they are listed separately.
  return one.text == other.text && one.origin == other.origin && one.action == other.action &&
         one.places == other.places && one.text.rfind("was not read", 0) != 0;
}

std::vector<Said> said_with(const Inspection& inspection, const std::string& home,
                            Severity severity) {
  std::vector<Said> list;
  for (const Finding& finding : inspection.findings) {
    if (finding.severity != severity) {
      continue;
    }
    const auto same = std::find_if(list.begin(), list.end(), [&](const Said& said) {
      return says_the_same(*said.finding, finding);
    });
    Said& said = same == list.end() ? list.emplace_back(Said{&finding, {}}) : *same;
    std::string subject = place_in(home, finding.subject);
    if (severity == Severity::harmless && subject.rfind(kControl, 0) == 0) {
      subject.erase(0, kControl.size());
    }
    if (std::find(said.subjects.begin(), said.subjects.end(), subject) == said.subjects.end()) {
      said.subjects.push_back(std::move(subject));
    }
  }
  return list;
}

// Returns the plural of a predicate that begins with a verb in the singular.
std::string plural(std::string_view text) {
  struct Verb {
    std::string_view one;
    std::string_view several;
  };

  constexpr std::array kVerbs = {Verb{"belongs ", "belong "}, Verb{"can ", "can "},
                                 Verb{"has ", "have "},       Verb{"holds ", "hold "},
                                 Verb{"is ", "are "},         Verb{"lets ", "let "},
                                 Verb{"limits ", "limit "},   Verb{"means ", "mean "},
                                 Verb{"speaks ", "speak "},   Verb{"was ", "were "}};
  for (const Verb& verb : kVerbs) {
    if (text.substr(0, verb.one.size()) == verb.one) {
      return base::concat({verb.several, text.substr(verb.one.size())});
    }
  }
  return std::string(text);
}

std::string said_text(const Said& said, const std::string& home, bool briefly) {
  const Finding& finding = *said.finding;
  std::string text =
      base::concat({list_of(said.subjects), " ",
                    said.subjects.size() > 1 ? plural(finding.text) : finding.text});
  if (briefly) {
    return folded(visible(text));
  }
  if (!finding.origin.empty()) {
    text += base::concat({" (", finding.origin, ")"});
  }
  if (!finding.places.empty()) {
    std::vector<std::string> places;
    for (const std::string& place : finding.places) {
      places.push_back(place_in(home, place));
    }
    text += base::concat({", in ", list_of(places)});
  }
  if (!finding.action.empty()) {
    text += base::concat({" -> ", finding.action});
  }
  return folded(visible(text));
}

std::string group(const Request& request, const Inspection& inspection, Severity severity,
                  std::string_view title) {
  std::string text;
  for (const Said& said : said_with(inspection, request.home, severity)) {
    text += said_text(said, request.home, severity == Severity::harmless);
  }
  return text.empty() ? text : base::concat({"\n", title, "\n", text});
}

std::string conversions(const Inspection& inspection) {
  std::string text;
  for (const Finding& finding : inspection.findings) {
    for (const Conversion& conversion : finding.conversions) {
      if (conversion.kind == Conversion::Kind::edit_script) {
        continue;
      }
      std::string line = base::concat({conversion_name(conversion.kind), " ", conversion.path});
      if (!conversion.owner.empty()) {
        line += base::concat({" ", conversion.owner, ":", conversion.group, " 0",
                              base::decimal(conversion.mode >> 6 & 7U),
                              base::decimal(conversion.mode >> 3 & 7U),
                              base::decimal(conversion.mode & 7U)});
      }
      text += folded(visible(line));
    }
  }
  return text.empty() ? text : base::concat({"\nWhat apply converts\n", text});
}

// Returns the lines for run scripts, each with all scripts that need it.
std::string edits(const Request& request, const Inspection& inspection) {
  std::vector<std::pair<std::string, std::vector<std::string>>> lines;
  for (const Finding& finding : inspection.findings) {
    for (const Conversion& conversion : finding.conversions) {
      if (conversion.kind != Conversion::Kind::edit_script) {
        continue;
      }
      const auto same = std::find_if(lines.begin(), lines.end(), [&](const auto& line) {
        return line.first == conversion.new_line;
      });
      auto& line = same == lines.end()
                       ? lines.emplace_back(conversion.new_line, std::vector<std::string>())
                       : *same;
      line.second.push_back(place_in(request.home, conversion.path));
    }
  }
  std::string text;
  for (const auto& [line, places] : lines) {
    text += base::concat({kFirstIndent, visible(list_of(places)), ": ", visible(line), "\n"});
  }
  return text.empty()
             ? text
             : base::concat(
                   {"\nLines of run scripts, which apply adds",
                    request.edit_run_scripts ? "\n" : " with --edit-run-scripts alone\n",
                    text});
}

void put_conversions(base::JsonWriter& json, const std::vector<Conversion>& list) {
  json.key("conversions").open_array();
  for (const Conversion& conversion : list) {
    json.open_object();
    json.key("kind").text(conversion_name(conversion.kind));
    json.key("path").text(conversion.path);
    if (!conversion.owner.empty()) {
      json.key("owner").text(conversion.owner);
      json.key("group").text(conversion.group);
      json.key("mode").number(conversion.mode);
    }
    if (!conversion.new_line.empty()) {
      json.key("old_line").text(conversion.old_line);
      json.key("new_line").text(conversion.new_line);
    }
    json.close_object();
  }
  json.close_array();
}

void put_names(base::JsonWriter& json, std::string_view key,
               const std::vector<std::string>& names) {
  json.key(key).open_array();
  for (const std::string& name : names) {
    json.text(name);
  }
  json.close_array();
}

void put_findings(base::JsonWriter& json, const std::vector<Finding>& findings) {
  json.key("findings").open_array();
  for (const Finding& finding : findings) {
    json.open_object();
    json.key("code").text(finding.code);
    json.key("severity").text(legacy::severity_name(finding.severity));
    json.key("subject").text(finding.subject);
    put_names(json, "places", finding.places);
    json.key("origin").text(finding.origin);
    json.key("text").text(finding.text);
    json.key("action").text(finding.action);
    put_conversions(json, finding.conversions);
    json.close_object();
  }
  json.close_array();
}

void put_queue(base::JsonWriter& json, const QueueFacts& queue) {
  json.key("queue").open_object();
  json.key("present").boolean(queue.present);
  json.key("split").number(queue.split);
  json.key("old_split");
  if (queue.old_split) {
    json.number(*queue.old_split);
  } else {
    json.null();
  }
  json.key("todo_divided").boolean(queue.todo_split);
  json.key("messages").number(queue.messages);
  json.key("unprocessed").number(queue.unprocessed);
  json.key("bounces").number(queue.bounces);
  json.key("misplaced").number(queue.misplaced);
  put_names(json, "missing_directories", queue.holes);
  put_names(json, "channels", queue.channels);
  json.close_object();
}

void put_daemons(base::JsonWriter& json, const DaemonFacts& facts) {
  json.key("daemons").open_array();
  for (const Daemon& daemon : facts.daemons) {
    json.open_object();
    json.key("pid").number(static_cast<std::uint64_t>(daemon.pid));
    json.key("program").text(daemon.program);
    json.close_object();
  }
  json.close_array();
  json.key("supervisor").text(supervisor_name(facts.send_service.supervisor));
  json.key("service").text(facts.send_service.place);
}

}  // namespace

std::string report_text(const Request& request, const Inspection& inspection) {
  const Verdict verdict = verdict_of(inspection.findings, request.accept_loss);
  std::string text = head(request, inspection);
  text += group(request, inspection, Severity::stop, "Cannot be done as it is");
  text += group(request, inspection, Severity::loss,
                request.accept_loss
                    ? "Would be lost or opened without notice (accepted)"
                    : "Would be lost or opened without notice (go on with --accept-loss)");
  text += group(request, inspection, Severity::note, "To know");
  text += conversions(inspection) + edits(request, inspection);
  text += group(request, inspection, Severity::harmless,
                "Nothing to do (files of control/, variables)");
  return text + base::concat({"\nverdict: ", verdict_name(verdict), "\n"});
}

std::string report_json(const Request& request, const Inspection& inspection) {
  const Verdict verdict = verdict_of(inspection.findings, request.accept_loss);
  base::JsonWriter json;
  json.open_object();
  json.key("verdict").text(verdict_name(verdict));
  json.key("exit_code").number(static_cast<std::uint64_t>(exit_code(verdict)));
  json.key("accept_loss").boolean(request.accept_loss);
  json.key("home").text(request.home);
  json.key("tree").text(request.tree);
  json.key("version").text(inspection.version);
  put_names(json, "patches", inspection.patches);
  put_queue(json, inspection.queue);
  put_daemons(json, inspection.daemons);
  json.key("space").open_object();
  json.key("free_bytes").number(inspection.space.free_bytes);
  json.key("needed_bytes").number(inspection.space.needed_bytes);
  json.close_object();
  put_findings(json, inspection.findings);
  json.close_object();
  return json.take();
}

}  // namespace reqmail::survey
