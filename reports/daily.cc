#include "reports/daily.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "auth822/dmarc_line.h"
#include "auth822/dmarc_report.h"
#include "auth822/report_targets.h"
#include "base/number.h"
#include "base/text.h"
#include "judge/dns_pump.h"
#include "net/dns_resolver.h"
#include "net/dns_servers.h"
#include "reports/compress.h"
#include "reports/sent_marks.h"
#include "sys/child.h"
#include "sys/clock.h"
#include "sys/error.h"
#include "sys/file.h"
#include "sys/process.h"
#include "sys/stream.h"

namespace reqmail::reports {

namespace {

using auth822::DmarcReport;
using auth822::DmarcReporter;

constexpr base::Seconds kDay(86400);
constexpr const char* kDirectory = "dmarc";
constexpr const char* kInject = "bin/qmail-inject";
constexpr std::size_t kLineMax = std::size_t{64} << 10;
constexpr mode_t kReportMode = 0644;

Failure trouble(std::string_view what, const Failure& why) {
  return temporary(
      base::concat({what, ": ", why.error == 0 ? why.text : sys::error_text(why.error)}),
      why.error);
}

Result<auth822::DmarcReports> read_lines(const std::string& path) {
  auth822::DmarcReports reports;
  const auto file = sys::open_read(path);
  if (!file) {
    return file.error().error == ENOENT ? Result<auth822::DmarcReports>(std::move(reports))
                                        : file.error();
  }
  sys::Reader input(file->get());
  for (;;) {
    std::string line;
    const auto end = input.get_line(line, kLineMax);
    if (!end) {
      return end.error();
    }
    // A line without its end was cut, or is being written.
    if (*end != sys::LineEnd::line) {
      return reports;
    }
    if (const auto parsed = auth822::parse_dmarc_line(line)) {
      reports.add(*parsed);
    }
  }
}

class Sender {
 public:
  Sender(const DailySettings& settings, const DmarcReporter& reporter, SentMarks marks,
         net::DnsServers servers)
      : settings_(settings),
        reporter_(reporter),
        marks_(std::move(marks)),
        resolver_(std::move(servers)) {}

  // Sends a report to all who may have it and have not got it.
  void send(const std::string& domain, const DmarcReport& report);

  std::vector<Failure> take_failures() { return std::move(failures_); }

 private:
  void send_to(const std::string& domain, const std::string& recipient,
               const std::string& content);
  Result<void> inject(const std::string& recipient, const std::string& message);

  const DailySettings& settings_;
  const DmarcReporter& reporter_;
  SentMarks marks_;
  net::DnsResolver resolver_;
  std::vector<Failure> failures_;
};

void Sender::send(const std::string& domain, const DmarcReport& report) {
  auth822::ReportTargetCheck check(domain, auth822::report_targets(report.last.reports));
  judge::pump(check, resolver_, sys::monotonic() + settings_.look_up_time);
  if (!check.result() || check.result()->uncertain) {
    failures_.push_back(
        temporary(base::concat({domain, ": a recipient of reports cannot be verified now"})));
  }
  if (!check.result() || check.result()->targets.empty()) {
    return;
  }
  const auto content =
      compressed(auth822::dmarc_report_xml(domain, report, reporter_), kDirectory);
  if (!content) {
    failures_.push_back(trouble(domain, content.error()));
    return;
  }
  for (const auth822::ReportTarget& target : check.result()->targets) {
    const bool fits = content->size() <= kMailedMax &&
                      (target.limit == 0 ||
                       auth822::dmarc_report_encoded_size(content->size()) <= target.limit);
    if (fits && !marks_.has(domain, target.address)) {
      send_to(domain, target.address, *content);
    }
  }
}

void Sender::send_to(const std::string& domain, const std::string& recipient,
                     const std::string& content) {
  if (const auto marked = marks_.set(domain, recipient); !marked) {
    failures_.push_back(trouble(base::concat({domain, ": mark"}), marked.error()));
    return;
  }
  const auto sent =
      inject(recipient, auth822::dmarc_report_message(domain, reporter_, recipient, content));
  if (!sent) {
    failures_.push_back(trouble(base::concat({domain, ": ", recipient}), sent.error()));
    if (const auto back = marks_.take_back(domain, recipient); !back) {
      failures_.push_back(trouble(base::concat({domain, ": mark"}), back.error()));
    }
  }
}

Result<void> Sender::inject(const std::string& recipient, const std::string& message) {
  const auto input = unnamed_file(kDirectory, message);
  if (!input) {
    return input.error();
  }
  sys::ChildSpec spec;
  spec.program = kInject;
  spec.arguments = {kInject, "-a", "-f", settings_.contact, "--", recipient};
  spec.descriptors = {{input->get(), STDIN_FILENO}};
  auto child = sys::spawn(spec);
  if (!child) {
    return child.error();
  }
  const auto end = child->wait();
  if (!end || !end->success()) {
    return temporary("qmail-inject fails", end ? 0 : end.error().error);
  }
  return {};
}

Result<void> write_report(const std::string& domain, const DmarcReport& report,
                          const DmarcReporter& reporter, const std::string& directory) {
  const auto content =
      compressed(auth822::dmarc_report_xml(domain, report, reporter), directory);
  if (!content) {
    return content.error();
  }
  return sys::replace_file(
      base::concat({directory, "/", auth822::dmarc_report_name(domain, reporter)}), *content,
      kReportMode);
}

std::vector<Failure> write_reports(const auth822::DmarcReports& reports,
                                   const DmarcReporter& reporter,
                                   const std::string& directory) {
  std::vector<Failure> failures;
  for (const auto& [domain, report] : reports.by_domain()) {
    if (const auto written = write_report(domain, report, reporter, directory); !written) {
      failures.push_back(trouble(domain, written.error()));
    }
  }
  return failures;
}

std::vector<Failure> mail_reports(const auth822::DmarcReports& reports,
                                  const DmarcReporter& reporter, const std::string& path,
                                  const DailySettings& settings) {
  auto marks = SentMarks::open(path + ".sent");
  if (!marks) {
    return {trouble(path + ".sent", marks.error())};
  }
  auto servers = net::system_dns_servers();
  if (!servers) {
    return {trouble("resolv.conf", servers.error())};
  }
  Sender sender(settings, reporter, std::move(*marks), std::move(*servers));
  for (const auto& [domain, report] : reports.by_domain()) {
    sender.send(domain, report);
  }
  return sender.take_failures();
}

}  // namespace

std::optional<base::Time> parse_day(std::string_view text) {
  constexpr std::size_t kDigits = 8;
  const auto number = base::parse_u64(text);
  if (!number || text.size() != kDigits) {
    return std::nullopt;
  }
  const auto year = static_cast<int>(*number / 10000);
  const std::chrono::year_month_day date{
      std::chrono::year(year), std::chrono::month(static_cast<unsigned>(*number / 100 % 100)),
      std::chrono::day(static_cast<unsigned>(*number % 100))};
  if (!date.ok() || std::chrono::sys_days(date) < std::chrono::sys_days()) {
    return std::nullopt;
  }
  return base::Time(std::chrono::sys_days(date));
}

std::vector<Failure> report_day(base::Time day, const DailySettings& settings) {
  const std::string path = base::concat({kDirectory, "/", auth822::dmarc_day(day)});
  const auto reports = read_lines(path);
  if (!reports) {
    return {trouble(path, reports.error())};
  }
  if (reports->by_domain().empty()) {
    return {};
  }
  DmarcReporter reporter;
  reporter.organization = settings.organization;
  reporter.contact = settings.contact;
  reporter.begin = static_cast<std::uint64_t>(base::to_epoch(day));
  reporter.end = reporter.begin + static_cast<std::uint64_t>(kDay.count()) - 1;
  return settings.directory ? write_reports(*reports, reporter, *settings.directory)
                            : mail_reports(*reports, reporter, path, settings);
}

}  // namespace reqmail::reports
