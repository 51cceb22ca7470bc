#include "smtpd/rcptchecks.h"

#include <string>
#include <utility>
#include <vector>

#include "control/files.h"
#include "proto/recipient_lists.h"
#include "sys/exits.h"
#include "sys/fd.h"
#include "sys/process.h"

namespace reqmail::smtpd {

namespace {

constexpr int kReplyDescriptor = 4;

int run(std::vector<std::string> command) {
  sys::ChildSpec spec;
  spec.program = command.front();
  spec.arguments = std::move(command);
  if (sys::is_open(kReplyDescriptor)) {
    spec.descriptors = {{kReplyDescriptor, kReplyDescriptor}};
  }
  auto child = sys::spawn(spec);
  if (!child) {
    return sys::kExitTemporary;
  }
  const auto end = child->wait();
  return !end || end->crashed ? sys::kExitTemporary : end->code;
}

}  // namespace

int run_rcptchecks() {
  control::ControlFiles control;
  const auto lines = control.list("rcptchecks");
  if (control.failure()) {
    return sys::kExitTemporary;
  }
  for (const std::string& line : lines.value_or(std::vector<std::string>())) {
    std::vector<std::string> command = proto::words_of(line);
    if (command.empty()) {
      continue;
    }
    if (const int code = run(std::move(command)); code != sys::kExitSuccess) {
      return code;
    }
  }
  return sys::kExitSuccess;
}

}  // namespace reqmail::smtpd
