// qmail-dkim: signs a message with DKIM or checks its signatures, and gives it to a queue
// program (qmail-dkim(8)). It is for hosts whose run scripts or control/filterargs name it.
//
// Runs as: its caller: whoever queues mail, or qmailr under spawn-filter
// Reads: the message on descriptor 0; DKIMSIGN, DKIMSIGNOPTIONS, DKIMVERIFY, DKIMQUEUE,
//   ERROR_FD, NODKIM; control/ authservid me; the key
// Writes: the message to the queue program; a reason on ERROR_FD; temporary files
// Executes: bin/qmail-queue, or DKIMQUEUE; bin/qmail-mailauth
// Trusts: its caller and environment
// Exits: 0 32 51 53 54 81 88 100 120, and the codes of the queue program

#include <signal.h>
#include <unistd.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/number.h"
#include "base/text.h"
#include "control/files.h"
#include "crypto/library.h"
#include "mail/verdict_codec.h"
#include "sign/dkim_filter.h"
#include "sign/sign_message.h"
#include "sys/clock.h"
#include "sys/descriptor_io.h"
#include "sys/env.h"
#include "sys/exits.h"
#include "sys/fd.h"
#include "sys/nameless_file.h"
#include "sys/process.h"
#include "sys/program.h"
#include "sys/signals.h"
#include "sys/stream.h"
#include "sys/usage.h"

namespace {

namespace base = reqmail::base;
namespace mail = reqmail::mail;
namespace sign = reqmail::sign;
namespace sys = reqmail::sys;
using reqmail::Failure;
using reqmail::Result;

constexpr std::size_t kPiece = 65536;
constexpr std::size_t kResultsMax = std::size_t{64} << 10;

constexpr std::string_view kUsage =
    "qmail-dkim: usage: qmail-dkim <message 1<envelope; it has no options\n";

// The descriptor for reasons: that of queue programs unless ERROR_FD names another.
int error_descriptor() {
  constexpr int kReasons = 4;
  const auto chosen = sys::environment_value("ERROR_FD");
  const auto number = chosen ? base::parse_u64(*chosen) : std::nullopt;
  constexpr std::uint64_t kMost = 255;
  return number && *number <= kMost ? static_cast<int>(*number) : kReasons;
}

[[noreturn]] void die(const Failure& failure) {
  const int out = error_descriptor();
  if (sys::is_open(out)) {
    (void)sys::write_all(out, mail::report(failure));
  }
  sys::finish(mail::signature_exit_code(failure.permanence));
}

sign::FilterRequest request_of_environment() {
  sign::FilterRequest request;
  request.key = sys::environment_value("DKIMSIGN");
  request.options = sys::environment_value("DKIMSIGNOPTIONS").value_or("");
  request.refused = sys::environment_value("DKIMVERIFY");
  request.no_dkim = sys::environment_value("NODKIM").has_value();
  return request;
}

std::string own_service() {
  reqmail::control::ControlFiles files(reqmail::control::ControlFiles::Unreadable::is_absent);
  return files.line_if_any("authservid").value_or("");
}

// Copies everything from one descriptor to another; an exit code of a queue program if that
// fails.
std::optional<int> copy(int from, int to) {
  std::string piece(kPiece, '\0');
  for (;;) {
    const auto count = sys::read_some(from, piece.data(), piece.size());
    if (!count) {
      return mail::queue_exit::kRead;
    }
    if (*count == 0) {
      return std::nullopt;
    }
    if (!sys::write_all(to, std::string_view(piece).substr(0, *count))) {
      return mail::queue_exit::kWrite;
    }
  }
}

// What qmail-mailauth says of the message at a descriptor.
std::string check(int message) {
  auto pipe = sys::make_pipe();
  if (!pipe || ::lseek(message, 0, SEEK_SET) != 0) {
    return {};
  }
  sys::ChildSpec spec;
  spec.program = "bin/qmail-mailauth";
  spec.arguments = {"qmail-mailauth", "check"};
  spec.descriptors = {{message, STDIN_FILENO}, {pipe->write.get(), STDOUT_FILENO}};
  auto child = sys::spawn(spec);
  pipe->write.close();
  if (!child) {
    return {};
  }
  auto text = sys::read_all(pipe->read.get(), kResultsMax);
  const auto end = child->wait();
  return text && end && end->success() ? *std::move(text) : std::string();
}

// Returns the fields to put on top of the message.
std::string fields_for(const sign::FilterRequest& request, int message) {
  const auto settings = filter_settings(request, own_service());
  if (!settings) {
    die(settings.error());
  }
  if (settings->dkim) {
    reqmail::crypto::prepare_library();
    const auto time = static_cast<std::uint64_t>(sys::now().time_since_epoch().count());
    auto fields =
        sign::sign_message(*settings, {"", message, time}, sign::find_in_files(*settings),
                           [] { return Result<void>(); });
    if (!fields) {
      die(reqmail::temporary(
          base::concat({"Unable to sign the message: ", fields.error().text, ". (#4.3.0)"})));
    }
    return *std::move(fields);
  }
  if (request.refused && !request.no_dkim && !request.key) {
    if (auto good = sign::judge_results(check(message), *request.refused); !good) {
      die(good.error());
    }
  }
  return {};
}

// Gives the message to the queue program, which has our descriptor 1 as its own.
[[noreturn]] void pass_on(const std::string& fields, int message) {
  auto pipe = sys::make_pipe();
  if (!pipe || ::lseek(message, 0, SEEK_SET) != 0) {
    sys::finish(mail::queue_exit::kRead);
  }
  sys::ChildSpec spec;
  spec.program = sys::environment_value("DKIMQUEUE").value_or("bin/qmail-queue");
  spec.arguments = {spec.program};
  spec.descriptors = {{pipe->read.get(), STDIN_FILENO}};
  auto child = sys::spawn(spec);
  pipe->read.close();
  if (!child) {
    sys::finish(mail::queue_exit::kNoMemory);
  }
  // A program that ends early says why by its code.
  if (sys::write_all(pipe->write.get(), fields)) {
    (void)copy(message, pipe->write.get());
  }
  pipe->write.close();
  const auto end = child->wait();
  sys::finish(end && !end->crashed ? end->code : mail::queue_exit::kBug);
}

}  // namespace

int main(int argc, char** argv) {
  const sys::Program program({.out_of_memory = mail::queue_exit::kNoMemory,
                              .bug = mail::queue_exit::kBug,
                              .holds_secrets = true});
  sys::answer_help(argc, argv, kUsage);
  // A program of this name in s/qmail has options, and queues nothing.
  if (argc > 1) {
    sys::refuse_arguments(kUsage);
  }
  sys::ignore_signals({SIGPIPE});
  if (!sys::Program::enter_home()) {
    die(reqmail::temporary("unable to enter qmail's home"));
  }
  auto file = sys::make_nameless_file("qmail-dkim");
  if (!file) {
    die(reqmail::temporary("unable to make a temporary file"));
  }
  if (const auto code = copy(STDIN_FILENO, file->get())) {
    sys::finish(*code);
  }
  pass_on(fields_for(request_of_environment(), file->get()), file->get());
}
