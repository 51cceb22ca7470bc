// spawn-filter: runs a filter over a message, then qmail-remote or qmail-local with what comes
// out (spawn-filter(8)). QMAILREMOTE or QMAILLOCAL names it; it gets their arguments.
//
// Runs as: qmailr under qmail-rspawn; the recipient's user under qmail-lspawn
// Reads: the message on descriptor 0; control/filterargs
// Writes: a report on descriptor 1 if the filter decides; temporary files
// Executes: filters, by /bin/sh; bin/qmail-remote or bin/qmail-local, in its own place
// Trusts: its arguments; control/filterargs and the filters in it
// Exits: 0 100 111

#include <unistd.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ascii.h"
#include "base/text.h"
#include "control/files.h"
#include "mail/verdict_codec.h"
#include "spawn/filter_lines.h"
#include "spawn/mail_filter.h"
#include "sys/env.h"
#include "sys/exits.h"
#include "sys/fd.h"
#include "sys/process.h"
#include "sys/program.h"
#include "sys/stream.h"
#include "sys/usage.h"

namespace {

namespace base = reqmail::base;
namespace mail = reqmail::mail;
namespace spawn = reqmail::spawn;
namespace sys = reqmail::sys;
using mail::FilterVerdict;
using reqmail::Failure;
using spawn::FilterSide;

// Of qmail-remote: host, sender, recipients. Of qmail-local: after "--" the user, home, local
// part, dash, extension, domain, sender and default.
constexpr std::size_t kRemoteHost = 1;
constexpr std::size_t kRemoteSender = 2;
constexpr std::size_t kRemoteLeast = 4;
constexpr std::size_t kLocalDomain = 7;
constexpr std::size_t kLocalSender = 8;
constexpr std::size_t kLocalCount = 10;

constexpr std::string_view kUsage =
    "spawn-filter: usage: qmail-rspawn or qmail-lspawn starts it in the place of qmail-remote "
    "or qmail-local\n";

struct Delivery {
  FilterSide side = FilterSide::remote;
  std::string program;
  std::string sender;
  // For which lines of filterargs count.
  std::vector<std::string> domains;
};

std::string domain_of(std::string_view address) {
  const std::size_t at = address.rfind('@');
  return at == std::string_view::npos ? std::string() : base::lower(address.substr(at + 1));
}

Delivery delivery_of(const std::vector<std::string>& words) {
  const std::string name =
      words.empty() ? std::string() : words[0].substr(words[0].rfind('/') + 1);
  if (name == "qmail-remote" && words.size() >= kRemoteLeast) {
    return {FilterSide::remote,
            "bin/qmail-remote",
            words[kRemoteSender],
            {domain_of(words[kRemoteSender]), base::lower(words[kRemoteHost])}};
  }
  if (name == "qmail-local" && words.size() == kLocalCount && words[1] == "--") {
    return {FilterSide::local,
            "bin/qmail-local",
            words[kLocalSender],
            {base::lower(words[kLocalDomain])}};
  }
  sys::refuse_arguments(kUsage);
}

// Ends with what qmail-remote or qmail-local would say.
[[noreturn]] void end(const Delivery& delivery, const Failure& failure) {
  if (delivery.side == FilterSide::local) {
    (void)sys::write_all(STDOUT_FILENO, base::concat({failure.text, "\n"}));
    sys::finish(mail::exit_code(failure.permanence));
  }
  const std::string report = base::concat({mail::report(failure), std::string_view("\n\0", 2)});
  const bool written = sys::write_all(STDOUT_FILENO, report).has_value();
  sys::finish(written ? sys::kExitSuccess : sys::kExitTemporary);
}

// The message counts as delivered to all.
[[noreturn]] void drop(const Delivery& delivery, std::size_t recipients) {
  std::string report;
  if (delivery.side == FilterSide::remote) {
    for (std::size_t i = 0; i < recipients; ++i) {
      report.push_back(mail::recipient_letter(mail::Grade::success));
      report.push_back('\0');
    }
    report += base::concat({mail::report(mail::Grade::success, "The mail filter dropped it."),
                            std::string_view("\n\0", 2)});
  }
  const bool written = sys::write_all(STDOUT_FILENO, report).has_value();
  sys::finish(written ? sys::kExitSuccess : sys::kExitTemporary);
}

std::string reason(std::string_view text, const std::string& words, std::string_view code) {
  return base::concat({text, words.empty() ? "" : ": ", words, ". (#", code, ")"});
}

void filter(const Delivery& delivery, const spawn::FilterLine& line, std::size_t recipients) {
  auto environment = sys::Environment::current();
  environment.set("MAILPROG", delivery.program);
  environment.set("DOMAIN", delivery.domains.front());
  environment.set("SENDER", delivery.sender);
  const auto result = run_filter(line, std::move(environment));
  switch (result.verdict) {
  case FilterVerdict::deliver:
    break;
  case FilterVerdict::drop:
    drop(delivery, recipients);
  case FilterVerdict::permanent:
    end(delivery, reqmail::permanent(
                      reason("The mail filter refuses the message", result.words, "5.7.1")));
  case FilterVerdict::temporary:
    end(delivery, reqmail::temporary(reason("The mail filter failed", result.words, "4.3.0")));
  }
  if (!sys::duplicate_to(result.message.get(), STDIN_FILENO)) {
    end(delivery, reqmail::temporary("Unable to pass the filtered message on. (#4.3.0)"));
  }
  if (result.is_signed) {
    sys::set_environment_value("NODKIM", "1");
  }
}

}  // namespace

int main(int argc, char** argv) {
  const sys::Program program;
  sys::answer_help(argc, argv, kUsage);
  const std::vector<std::string> words(argv, argv + argc);
  const Delivery delivery = delivery_of(words);
  if (!sys::Program::enter_home()) {
    end(delivery, reqmail::temporary("Unable to switch to home directory. (#4.3.0)"));
  }
  reqmail::control::ControlFiles files;
  const auto lines = files.list("filterargs");
  if (files.failure()) {
    end(delivery, reqmail::temporary("Unable to read control/filterargs. (#4.3.0)"));
  }
  std::vector<base::BadLine> bad;
  const auto filters =
      spawn::read_filter_lines(lines.value_or(std::vector<std::string>()), bad);
  if (const auto* const line = spawn::find_filter(filters, delivery.side, delivery.domains)) {
    filter(delivery, *line, words.size() - kRemoteLeast + 1);
  }
  (void)sys::replace_program(delivery.program, words);
  end(delivery,
      reqmail::temporary(base::concat({"Unable to run ", delivery.program, ". (#4.3.0)"})));
}
