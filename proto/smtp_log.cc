#include "proto/smtp_log.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/number.h"
#include "base/text.h"

namespace reqmail::proto {

namespace {

constexpr std::size_t kCodeSize = 3;

void add(std::string& line, std::string_view key, std::string_view value) {
  line += base::concat({" ", key, "=", base::log_safe(value)});
}

std::string_view encryption(const SmtpServer& session) {
  if (!session.security()) {
    return {};
  }
  return session.security()->implicit ? "ssl" : "tls";
}

// Returns whether the recipients' domains are in rcpthosts; empty if that was not asked.
std::string_view in_rcpthosts(const SmtpServer& session, const SmtpEvent& event) {
  if (event.reason == "rcpthosts") {
    return "no";
  }
  return event.at_end_of_data && !session.relays() ? "yes" : std::string_view();
}

std::string with_commas(std::string_view recipients) {
  std::string text(recipients.substr(0, recipients.empty() ? 0 : recipients.size() - 1));
  std::replace(text.begin(), text.end(), '\0', ',');
  return text;
}

std::string number_or_nothing(std::uint64_t number) {
  return number == 0 ? std::string() : base::decimal(number);
}

}  // namespace

std::string smtp_log_line(const SmtpServer& session, const SmtpLogEnds& ends,
                          std::string_view reply, const SmtpEvent& event) {
  const std::string_view code = reply.substr(0, kCodeSize);
  const std::string_view text =
      reply.size() > kCodeSize ? reply.substr(kCodeSize + 1) : std::string_view();
  const auto& identity = session.auth().identity();
  std::string line = event.at_end_of_data ? "qlogreceived:" : "qlogenvelope:";
  add(line, "result", code.starts_with('2') ? "accepted" : "rejected");
  add(line, "code", code);
  add(line, "reason", event.reason);
  add(line, "detail", base::trim_end(text.substr(0, text.find('\r'))));
  add(line, "helo", session.helo().value_or(std::string()));
  add(line, "mailfrom", event.sender);
  add(line, "rcptto", with_commas(event.recipients));
  add(line, "relay", session.relays() ? "yes" : "no");
  add(line, "rcpthosts", in_rcpthosts(session, event));
  add(line, "size", number_or_nothing(event.size));
  add(line, "authuser", identity ? identity->user : std::string());
  add(line, "authtype", identity ? sasl_name(identity->mechanism) : std::string_view());
  add(line, "encrypted", encryption(session));
  add(line, "sslverified", session.security() && session.security()->client ? "yes" : "no");
  add(line, "localip", ends.local_ip);
  add(line, "localport", ends.local_port);
  add(line, "remoteip", ends.remote_ip);
  add(line, "remoteport", ends.remote_port);
  add(line, "remotehost", ends.remote_host);
  add(line, "qp", number_or_nothing(event.queue_process));
  add(line, "pid", base::decimal(ends.process));
  if (code.starts_with('2')) {
    line += event.findings;
  }
  line.push_back('\n');
  return line;
}

}  // namespace reqmail::proto
