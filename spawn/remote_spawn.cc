#include "spawn/remote_spawn.h"

#include <utility>

#include "base/program_end.h"
#include "base/text.h"
#include "mail/dsn.h"
#include "mail/queue_names.h"
#include "remote/shared_signer.h"
#include "remote/shared_slots.h"
#include "spawn/protocol.h"
#include "spawn/report.h"
#include "sys/env.h"
#include "sys/file.h"
#include "sys/process.h"

namespace reqmail::spawn {

namespace {

// Returns the text of the file beside a message that says what its sender wants to be told;
// empty if there is none. A file that is older than the message belongs to an earlier message
// of its number. The working directory is queue/mess.
std::string wishes(const std::string& message) {
  const std::string path = base::concat({message, mail::kDsnEnd});
  const auto status = sys::status(path);
  const auto of_message = sys::status(message);
  if (!status || !of_message || status->st_uid != of_message->st_uid ||
      status->st_mtime < of_message->st_mtime) {
    return {};
  }
  const auto text = sys::read_regular_file(path, mail::kDsnTextMax);
  return text && mail::parse_dsn_text(*text) ? *text : std::string();
}

}  // namespace

RemoteSpawn::RemoteSpawn(Settings settings) : settings_(std::move(settings)) {
  if (!settings_.signer_mark.empty()) {
    signer_.emplace(settings_.home, settings_.signer_mark);
  }
}

Step RemoteSpawn::begin(const Order& order) {
  Run run;
  run.child.program = settings_.program;
  run.child.arguments = {"qmail-remote", std::string(domain(order)), order.sender,
                         order.recipient};
  run.child.exec_failed = mail::rspawn_exit::kRunTemporary;
  if (settings_.slots.valid()) {
    run.child.descriptors.push_back({settings_.slots.get(), remote::kRemoteSlotsDescriptor});
  }
  if (const auto signer = signer_ ? signer_->socket() : std::nullopt) {
    run.child.descriptors.push_back({*signer, remote::kSharedSignerDescriptor});
  }
  if (const std::string text = settings_.passes_wishes ? wishes(order.message) : "";
      !text.empty()) {
    sys::Environment environment = sys::Environment::current();
    environment.set("QMAILDSN", text);
    run.child.environment = environment.strings();
  }
  return run;
}

bool RemoteSpawn::path_is_wrong() const {
  return settings_.program.find('/') == std::string::npos &&
         !sys::is_program_in_path(settings_.program) &&
         sys::status(base::concat({settings_.home, "/bin/", settings_.program}));
}

void RemoteSpawn::child_ended(pid_t child) {
  if (signer_) {
    signer_->child_ended(child);
  }
}

Step RemoteSpawn::answered(const Order& /*order*/, base::ProgramEnd end,
                           const Output& /*answer*/) {
  return end;  // begin() runs no look-up
}

std::string RemoteSpawn::report(base::ProgramEnd end, const Output& output) {
  // The child could not say why it ended with this code, so PATH is examined now.
  if (!end.crashed && end.code == mail::rspawn_exit::kRunTemporary && path_is_wrong()) {
    end.code = mail::rspawn_exit::kRunPermanent;
  }
  return remote_report(end, output);
}

}  // namespace reqmail::spawn
