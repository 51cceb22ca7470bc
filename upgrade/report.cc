#include "upgrade/report.h"

#include <algorithm>
#include <string_view>

#include "base/number.h"
#include "base/text.h"
#include "upgrade/json.h"

namespace reqmail::upgrade {

namespace {

constexpr std::size_t kWidth = 78;
// As many of the running processes are named.
constexpr std::size_t kNamedDaemons = 12;

// Words over lines, each begun with `indent`.
std::string folded(std::string_view text, std::string_view indent) {
  std::string out;
  std::string line(indent);
  for (const std::string_view word : base::split(text, ' ')) {
    if (line.size() + 1 + word.size() > kWidth && line.size() > indent.size()) {
      out += line + "\n";
      line = indent;
    }
    if (line.size() > indent.size()) {
      line += ' ';
    }
    line += word;
  }
  return out + line + "\n";
}

// Names may hold anything; a report goes to a terminal.
std::string shown(std::string_view text) {
  std::string out(text);
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return out;
}

std::string fact(std::string_view name, const std::string& value) {
  constexpr std::size_t kColumn = 14;
  std::string line = base::concat({name, ":"});
  line.append(kColumn - std::min(kColumn - 1, line.size()), ' ');
  return line + shown(value) + "\n";
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
  std::string text = base::concat(
      {base::decimal(queue.messages), " messages, ", base::decimal(queue.unprocessed),
       " of them not yet preprocessed, ", base::decimal(queue.bounces), " with bounces; ",
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

std::string finding_text(const Finding& finding) {
  std::string text = base::concat({"  ", shown(finding.subject), "\n"});
  text += folded(shown(finding.text), "      ");
  if (!finding.origin.empty()) {
    text += folded(base::concat({"(", shown(finding.origin), ")"}), "      ");
  }
  if (!finding.action.empty()) {
    text += folded(base::concat({"-> ", shown(finding.action)}), "      ");
  }
  return text;
}

std::string group(const Inspection& inspection, Severity severity, std::string_view title) {
  std::string text;
  for (const Finding& finding : inspection.findings) {
    if (finding.severity == severity) {
      text += finding_text(finding);
    }
  }
  return text.empty() ? text : base::concat({"\n", title, "\n", text});
}

// Harmless ones, in a line each.
std::string harmless(const Inspection& inspection) {
  std::string text;
  for (const Finding& finding : inspection.findings) {
    if (finding.severity == Severity::harmless) {
      text += base::concat({"  ", shown(finding.subject), ": ", shown(finding.text), "\n"});
    }
  }
  return text.empty() ? text : base::concat({"\nNothing to do\n", text});
}

std::string conversions(const Inspection& inspection) {
  std::string text;
  for (const Finding& finding : inspection.findings) {
    for (const Conversion& conversion : finding.conversions) {
      text +=
          base::concat({"  ", conversion_name(conversion.kind), " ", shown(conversion.path)});
      if (!conversion.owner.empty()) {
        text += base::concat({" ", conversion.owner, ":", conversion.group, " 0",
                              base::decimal(conversion.mode >> 6 & 7U),
                              base::decimal(conversion.mode >> 3 & 7U),
                              base::decimal(conversion.mode & 7U)});
      }
      if (!conversion.new_line.empty()) {
        text += base::concat({": ", shown(conversion.new_line)});
      }
      text += "\n";
    }
  }
  return text.empty() ? text : base::concat({"\nWhat apply converts\n", text});
}

void put_conversions(JsonWriter& json, const std::vector<Conversion>& list) {
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

void put_names(JsonWriter& json, std::string_view key, const std::vector<std::string>& names) {
  json.key(key).open_array();
  for (const std::string& name : names) {
    json.text(name);
  }
  json.close_array();
}

void put_findings(JsonWriter& json, const std::vector<Finding>& findings) {
  json.key("findings").open_array();
  for (const Finding& finding : findings) {
    json.open_object();
    json.key("code").text(finding.code);
    json.key("severity").text(severity_name(finding.severity));
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

void put_queue(JsonWriter& json, const QueueFacts& queue) {
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

void put_daemons(JsonWriter& json, const DaemonFacts& facts) {
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
  text += group(inspection, Severity::stop, "Cannot be done as it is");
  text += group(inspection, Severity::loss,
                request.accept_loss
                    ? "Would be lost or opened without notice (accepted)"
                    : "Would be lost or opened without notice (go on with --accept-loss)");
  text += group(inspection, Severity::note, "To know");
  text += conversions(inspection);
  text += harmless(inspection);
  return text + base::concat({"\nverdict: ", verdict_name(verdict), "\n"});
}

std::string report_json(const Request& request, const Inspection& inspection) {
  const Verdict verdict = verdict_of(inspection.findings, request.accept_loss);
  JsonWriter json;
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

}  // namespace reqmail::upgrade
