// qmail-qmqpc: queues a message at another host, by QMQP (qmail-qmqpc(8)).
//
// Runs as: whoever queues mail
// Reads: the message on descriptor 0, the envelope on descriptor 1; control/ me qmqpservers;
//   the server's answer
// Writes: to the server
// Executes: nothing
// Trusts: its caller as far as the server does
// Exits: 0, 11, 31, 51, 54, 55, 61, 71, 72, 73, 74, 81, 91: those of qmail-queue

#include <fcntl.h>
#include <unistd.h>

#include <string>

#include "config.h"
#include "submit/qmqp.h"
#include "sys/exits.h"
#include "sys/fd.h"
#include "sys/file.h"

namespace {

constexpr int kOutOfMemory = 51;
constexpr int kNoHome = 61;
constexpr int kBug = 81;

}  // namespace

int main() {
  namespace sys = reqmail::sys;
  // Where there is no envelope, reading it is an error: an empty one would be another answer.
  const int envelope = ::fcntl(STDOUT_FILENO, F_GETFD) < 0 ? -1 : STDOUT_FILENO;
  sys::fill_standard_descriptors();
  sys::install_failure_exits(kOutOfMemory, kBug);
  if (!sys::change_directory(std::string(reqmail::config::kHome))) {
    sys::finish(kNoHome);
  }
  sys::finish(reqmail::submit::submit_by_qmqp(STDIN_FILENO, envelope));
}
