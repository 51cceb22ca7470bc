#include "local/deliver.h"

#include <signal.h>
#include <unistd.h>

#include <optional>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/number.h"
#include "base/text.h"
#include "local/command_environment.h"
#include "local/dot_qmail.h"
#include "local/forwarder.h"
#include "local/maildir_writer.h"
#include "local/mbox_writer.h"
#include "local/message_file.h"
#include "local/plan.h"
#include "local/program_runner.h"
#include "mail/verdict_codec.h"
#include "sys/env.h"
#include "sys/exits.h"
#include "sys/signals.h"
#include "sys/stream.h"

namespace reqmail::local {

namespace {

// An error of writing a report is ignored, since the delivery itself has not failed.
void say(int fd, std::string_view text) {
  (void)!sys::write_all(fd, text).has_value();
}

enum class Next { go_on, skip_rest };

// Carries out the instructions of one delivery, one after the other.
class Delivery {
 public:
  explicit Delivery(const Request& request) : request_(request), message_(STDIN_FILENO) {}

  Result<void> run() {
    auto prepared = prepare(request_, message_);
    if (!prepared) {
      return prepared.error();
    }
    plan_ = *std::move(prepared);
    forward_only_ = plan_.forward_only;
    for (const Instruction& instruction : plan_.instructions) {
      const auto next =
          std::visit([this](const auto& kind) { return carry_out(kind); }, instruction);
      if (!next) {
        return next.error();
      }
      if (*next == Next::skip_rest) {
        break;
      }
    }
    return finish();
  }

 private:
  void describe(std::string_view kind, std::string_view what) const {
    if (request_.describe) {
      say(STDOUT_FILENO, base::concat({kind, " ", what, "\n"}));
    }
  }

  Result<Next> carry_out(const Mbox& mbox) {
    ++files_;
    if (forward_only_) {
      return temporary("Uh-oh: .qmail has file delivery but has x bit set. (#4.7.0)");
    }
    describe("mbox", mbox.path);
    return after(request_.describe ? Result<void>()
                                   : deliver_to_mbox(mbox.path, plan_.trace, message_));
  }

  Result<Next> carry_out(const Maildir& maildir) {
    ++files_;
    if (forward_only_) {
      return temporary("Uh-oh: .qmail has file delivery but has x bit set. (#4.7.0)");
    }
    describe("maildir", maildir.path);
    return after(request_.describe
                     ? Result<void>()
                     : deliver_to_maildir(maildir.path, ++maildirs_, plan_.trace, message_));
  }

  Result<Next> carry_out(const Program& program) {
    ++programs_;
    if (forward_only_) {
      return temporary("Uh-oh: .qmail has prog delivery but has x bit set. (#4.7.0)");
    }
    describe("program", program.command);
    if (request_.describe) {
      return Next::go_on;
    }
    const auto outcome = run_program(program.command, environment(), message_);
    if (!outcome) {
      return outcome.error();
    }
    return *outcome == ProgramOutcome::skip_rest ? Next::skip_rest : Next::go_on;
  }

  // Forwards are sent at the end, so that a delivery that fails before does not forward twice.
  Result<Next> carry_out(const Forward& forward) {
    describe("forward", forward.address);
    recipients_.push_back(forward.address);
    return Next::go_on;
  }

  Result<Next> carry_out(const ForwardOnly& /*rest*/) {
    forward_only_ = true;
    return Next::go_on;
  }

  // Returns the environment of programs, and of the queue program that gets the forwards.
  const std::vector<std::string>& environment() {
    if (!environment_) {
      environment_ = command_environment(sys::Environment::current(), request_,
                                         plan_.new_sender, plan_.trace, plan_.default_from)
                         .strings();
    }
    return *environment_;
  }

  static Result<Next> after(const Result<void>& delivered) {
    if (!delivered) {
      return delivered.error();
    }
    return Next::go_on;
  }

  Result<void> finish() {
    std::string report =
        base::concat({"did ", base::decimal(files_), "+", base::decimal(recipients_.size()),
                      "+", base::decimal(programs_), "\n"});
    if (!recipients_.empty() && !request_.describe) {
      const auto process = forward_message(message_, plan_.trace.delivered_to, plan_.new_sender,
                                           recipients_, environment());
      if (!process) {
        return process.error();
      }
      report +=
          base::concat({"qp ", base::decimal(static_cast<std::uint64_t>(*process)), "\n"});
    }
    say(STDOUT_FILENO, report);
    return {};
  }

  const Request& request_;
  MessageFile message_;
  Plan plan_;
  std::optional<std::vector<std::string>> environment_;
  bool forward_only_ = false;
  std::uint64_t files_ = 0;
  // The number of maildirs written so far, which is part of the next file name.
  unsigned maildirs_ = 0;
  std::uint64_t programs_ = 0;
  std::vector<std::string> recipients_;
};

}  // namespace

sys::ProgramStart delivery_start() {
  return {
      .out_of_memory_fd = STDERR_FILENO,
      .out_of_memory_text = "Out of memory. (#4.3.0)\n",
      .umask = 077,
  };
}

int deliver(const Request& request) {
  sys::reset_child_signal();
  sys::ignore_signals({SIGPIPE});
  Delivery delivery(request);
  const auto done = delivery.run();
  if (done) {
    return sys::kExitSuccess;
  }
  if (!done.error().text.empty()) {
    say(STDERR_FILENO, done.error().text + "\n");
  }
  return mail::exit_code(done.error().permanence);
}

}  // namespace reqmail::local
