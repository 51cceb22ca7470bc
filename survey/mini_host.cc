#include "survey/mini_host.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "survey/about.h"
#include "survey/old_files.h"
#include "survey/paths.h"
#include "survey/running.h"
#include "sys/file.h"

namespace reqmail::survey {

namespace {

constexpr std::string_view kQueueProgram = "/bin/qmail-queue";
constexpr std::string_view kClient = "/qmail-qmqpc";
constexpr std::array<std::string_view, 3> kListeners = {"qmail-qmqpd", "qmail-qmtpd",
                                                        "qmail-smtpd"};
// The files that qmail-inject, its wrappers and qmail-qmqpc read.
constexpr std::array<std::string_view, 6> kRead = {
    "defaultdomain", "defaulthost", "idhost", "me", "plusdomain", "qmqpservers"};

std::string in_home(const std::string& home, std::string_view path) {
  return base::concat({home, path});
}

bool is_link(const std::string& path) {
  const auto status = sys::link_status(path);
  return status && S_ISLNK(status->st_mode);
}

// Returns whether the line begins with an address, which may be followed by other text.
bool names_server(const std::string& line) {
  std::array<unsigned char, sizeof(struct ::in6_addr)> address{};
  const std::string word = line.substr(0, line.find_first_of(" \t"));
  const std::string number = line.substr(0, line.find_first_not_of("0123456789."));
  return ::inet_pton(AF_INET6, word.c_str(), address.data()) == 1 ||
         ::inet_pton(AF_INET, number.c_str(), address.data()) == 1;
}

void check_servers(std::vector<Finding>& findings, const std::string& home) {
  const std::string path = in_home(home, "/control/qmqpservers");
  const auto text = read_plain(path);
  const auto lines = text && *text ? control_lines(**text) : std::vector<std::string>();
  std::string servers;
  std::string others;
  for (const std::string& line : lines) {
    std::string& list = names_server(line) ? servers : others;
    list += base::concat({list.empty() ? "" : ", ", visible(line)});
  }
  if (servers.empty()) {
    findings.push_back(about(path, "qmqpservers", Severity::note,
                             "names no server: no mail leaves this host, before or after",
                             "write the address of a QMQP server into it"));
  }
  if (!others.empty()) {
    findings.push_back(
        about(path, "qmqpservers", Severity::note,
              base::concat({"has lines that are no addresses, and are passed over: ", others}),
              "write addresses"));
  }
  findings.push_back(
      about(in_home(home, kQueueProgram), "mini-qmail", Severity::harmless,
            base::concat({"is qmail-qmqpc: mail of this host goes by QMQP to ",
                          servers.empty() ? "nobody" : servers}),
            "apply replaces programs, and no queue, daemon or account is needed"));
}

// Returns whether the link leads to a qmail-qmqpc in another directory, which apply does not
// replace.
bool leads_away(const std::string& home) {
  const std::string path = in_home(home, kQueueProgram);
  return is_link(path) && !same_place(path, in_home(home, "/bin/qmail-qmqpc"));
}

}  // namespace

bool queues_elsewhere(const std::string& home) {
  const std::string path = in_home(home, kQueueProgram);
  const std::string client = in_home(home, "/bin/qmail-qmqpc");
  if (same_place(path, client) || same_file(path, client)) {
    return true;
  }
  return is_link(path) && real_path(path).value_or("").ends_with(kClient);
}

bool is_mini_host(const std::string& home) {
  return queues_elsewhere(home) && !find_send(home);
}

bool takes_mail_in(const std::string& home) {
  return std::any_of(kListeners.begin(), kListeners.end(), [&](std::string_view name) {
    return is_there(base::concat({home, "/bin/", name}));
  });
}

std::vector<Finding> check_mini_host(const std::string& home, const QueueFacts& queue) {
  std::vector<Finding> findings;
  check_servers(findings, home);
  if (leads_away(home)) {
    findings.push_back(
        about(in_home(home, kQueueProgram), "mini-qmail", Severity::note,
              base::concat({"leads to ", real_path(in_home(home, kQueueProgram)).value_or(""),
                            ", which apply does not replace"}),
              "make it a link to qmail-qmqpc beside it"));
  }
  if (queue.messages > 0) {
    findings.push_back(
        about(in_home(home, "/queue"), "mini-queue", Severity::note,
              base::concat({"holds ", counted(queue.messages, "message"),
                            ", and no qmail-send runs that would deliver"}),
              "run qmail-send until it is empty, or look at them by qmail-qread"));
  }
  return findings;
}

std::vector<Finding> check_mini_control(const std::string& home,
                                        std::vector<Finding> findings) {
  const std::string folder = in_home(home, "/control/");
  for (Finding& finding : findings) {
    const bool inside = finding.subject.rfind(folder, 0) == 0;
    const std::string_view name =
        std::string_view(finding.subject).substr(inside ? folder.size() : 0);
    if (inside && finding.severity != Severity::stop &&
        std::find(kRead.begin(), kRead.end(), name) == kRead.end()) {
      finding = about(finding.subject, "control-file", Severity::harmless,
                      "is read by no program of a host without a queue", "");
    }
  }
  return findings;
}

Finding odd_queue_program(const std::string& home) {
  return about(
      in_home(home, kQueueProgram), "mini-qmail", Severity::stop,
      "is qmail-qmqpc, which sends mail to another host, and yet a qmail-send serves a "
      "queue here: it is not plain which of them is to go on",
      "end qmail-send where mail is to go to the other host, or put back the true "
      "qmail-queue");
}

}  // namespace reqmail::survey
