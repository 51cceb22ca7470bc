#include "smtpd/check_program.h"

#include <signal.h>

#include <array>
#include <chrono>
#include <utility>

#include "sys/descriptor_io.h"
#include "sys/fd.h"
#include "sys/file.h"
#include "sys/process.h"

namespace reqmail::smtpd {

namespace {

constexpr int kOutput = 1;
constexpr int kError = 2;
constexpr int kInput = 3;
constexpr std::size_t kReplyMax = 8192;

// Returns what is in the pipe now. It does not wait for end of file, since a process that the
// program has left behind may have the other end open.
std::string take_reply(const sys::Fd& pipe) {
  std::array<char, kReplyMax> buffer = {};
  sys::set_nonblocking(pipe.get());
  const auto count = sys::read_some(pipe.get(), buffer.data(), buffer.size());
  return count ? std::string(buffer.data(), *count) : std::string();
}

// The program's ends of the pipes, and ours.
struct Pipes {
  sys::Pipe input;
  sys::Pipe reply;
};

Result<Pipes> make_pipes(const CheckProgram& program) {
  Pipes pipes;
  if (program.input) {
    auto pipe = sys::make_pipe();
    if (!pipe) {
      return pipe.error();
    }
    pipes.input = std::move(*pipe);
    // An address fits into any pipe, and the program need not read it.
    sys::set_nonblocking(pipes.input.write.get());
    (void)sys::write_some(pipes.input.write.get(), *program.input).has_value();
    pipes.input.write.close();
  }
  if (program.says_on) {
    auto pipe = sys::make_pipe();
    if (!pipe) {
      return pipe.error();
    }
    pipes.reply = std::move(*pipe);
  }
  return pipes;
}

}  // namespace

Result<CheckOutcome> run_check(const CheckProgram& program, base::Seconds limit) {
  auto pipes = make_pipes(program);
  const auto nothing = sys::open_read("/dev/null");
  if (!pipes || !nothing) {
    return pipes ? nothing.error() : pipes.error();
  }
  // Descriptors that a listener has left open are not for the program.
  sys::set_close_on_exec_from(kInput);
  sys::ChildSpec spec;
  spec.program = program.command.front();
  spec.arguments = program.command;
  spec.environment = program.environment;
  spec.own_group = true;
  spec.descriptors = {{nothing->get(), 0}};
  if (program.input) {
    spec.descriptors.push_back({pipes->input.read.get(), kInput});
  }
  if (program.says_on) {
    spec.descriptors.push_back({pipes->reply.write.get(), *program.says_on});
  }
  if (program.says_on != kOutput) {
    spec.descriptors.push_back({kError, kOutput});
  }
  auto child = sys::spawn(spec);
  if (!child) {
    return child.error();
  }
  const auto end =
      child->wait_for(std::chrono::duration_cast<std::chrono::milliseconds>(limit));
  if (!end) {
    return end.error();
  }
  if (!*end) {
    child->send_group_signal(SIGKILL);
    child->end();
    return CheckOutcome{};
  }
  return CheckOutcome{*end, program.says_on ? take_reply(pipes->reply.read) : std::string()};
}

}  // namespace reqmail::smtpd
