#include "dnscheck/report.h"

#include <algorithm>

#include "base/json.h"
#include "base/terminal_text.h"
#include "base/text.h"

namespace reqmail::dnscheck {

namespace {

// How much a status matters, against the order of its numbers.
int weight(Status status) {
  switch (status) {
  case Status::ok:
    return 0;
  case Status::unknown:
    return 1;
  case Status::warning:
    return 2;
  case Status::critical:
    break;
  }
  return 3;
}

std::string masked(const std::string& text) {
  return base::terminal_safe(text, '?');
}

std::string member(std::string_view key, std::string_view value) {
  return base::concat({base::json_string(key), ":", base::json_string(value)});
}

}  // namespace

std::string_view status_word(Status status) {
  switch (status) {
  case Status::ok:
    return "ok";
  case Status::warning:
    return "warning";
  case Status::critical:
    return "critical";
  case Status::unknown:
    break;
  }
  return "unknown";
}

Status worse(Status a, Status b) {
  return weight(a) < weight(b) ? b : a;
}

int exit_code(Status status) {
  return static_cast<int>(status);
}

void Report::add(Finding finding) {
  finding.text = masked(finding.text);
  finding.advice = masked(finding.advice);
  findings_.push_back(std::move(finding));
}

Status Report::status() const {
  Status worst = Status::ok;
  for (const Finding& one : findings_) {
    worst = worse(worst, one.status);
  }
  return worst;
}

std::string Report::text() const {
  std::string word(status_word(status()));
  std::transform(word.begin(), word.end(), word.begin(),
                 [](char c) { return static_cast<char>(c - 'a' + 'A'); });
  std::string text = base::concat({"DELIVERABILITY ", word, ": ", masked(domain_)});
  std::string_view before = ": ";
  for (const Status status : {Status::critical, Status::warning, Status::unknown, Status::ok}) {
    const auto count =
        std::count_if(findings_.begin(), findings_.end(),
                      [status](const Finding& one) { return one.status == status; });
    if (count > 0) {
      text += base::concat({before, std::to_string(count), " ", status_word(status)});
      before = ", ";
    }
  }
  text += "\n";
  for (const Finding& one : findings_) {
    text += base::concat({status_word(one.status), " ", one.name, ": ", one.text});
    text += one.advice.empty() ? "\n" : base::concat({"; ", one.advice, "\n"});
  }
  return text;
}

std::string Report::json() const {
  std::string checks;
  for (const Finding& one : findings_) {
    checks += base::concat({checks.empty() ? "{" : ",{", member("name", one.name), ",",
                            member("status", status_word(one.status)), ",",
                            member("text", one.text), ",", member("advice", one.advice), "}"});
  }
  return base::concat({"{", member("domain", domain_), ",",
                       member("status", status_word(status())), ",\"checks\":[", checks,
                       "]}\n"});
}

}  // namespace reqmail::dnscheck
