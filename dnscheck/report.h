// What qmail-deliverability has found out about a domain, for people and for monitors.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reqmail::dnscheck {

enum class Status { ok, warning, critical, unknown };

std::string_view status_word(Status status);

// Returns the more important one: critical, then warning, then unknown, then ok.
Status worse(Status a, Status b);

struct Finding {
  // What was looked at: "mx", "ptr", "spf" and so on (qmail-deliverability(8)).
  std::string name;
  Status status = Status::ok;
  std::string text;
  // What the owner of the domain should publish, as a line of a zone file, or what else to do;
  // empty if there is nothing to do.
  std::string advice = {};
};

class Report {
 public:
  explicit Report(std::string domain) : domain_(std::move(domain)) {}

  // Bytes of name servers in the texts may be any; they are masked here.
  void add(Finding finding);

  [[nodiscard]] Status status() const;

  [[nodiscard]] const std::vector<Finding>& findings() const { return findings_; }

  // Returns a line with the summary, and a line for each finding.
  [[nodiscard]] std::string text() const;

  // Returns the same as one line of JSON.
  [[nodiscard]] std::string json() const;

 private:
  std::string domain_;
  std::vector<Finding> findings_;
};

// Returns the exit code of a monitoring plugin: 0 ok, 1 warning, 2 critical, 3 unknown.
int exit_code(Status status);

}  // namespace reqmail::dnscheck
