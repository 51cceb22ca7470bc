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
#include "local/dot_file.h"
#include "local/dot_qmail.h"
#include "local/forwarder.h"
#include "local/maildir_writer.h"
#include "local/mbox_writer.h"
#include "local/message_file.h"
#include "local/program_runner.h"
#include "local/trace_lines.h"
#include "mail/trace.h"
#include "mail/verdict_codec.h"
#include "sys/clock.h"
#include "sys/env.h"
#include "sys/error.h"
#include "sys/exits.h"
#include "sys/file.h"
#include "sys/signals.h"
#include "sys/stream.h"

namespace reqmail::local {

namespace {

// What a reader of the report can't do about is not worth a failed delivery.
void say(int fd, std::string_view text) {
  (void)!sys::write_all(fd, text).has_value();
}

enum class Next { go_on, skip_rest };

// The instructions of one delivery, one after the other.
class Delivery {
 public:
  explicit Delivery(const Request& request) : request_(request), message_(STDIN_FILENO) {}

  Result<void> run() {
    if (auto ready = enter_home(); !ready) {
      return ready;
    }
    const std::string recipient = base::concat({request_.local, "@", request_.host});
    trace_ =
        TraceLines{mail::from_line(request_.sender, sys::now()),
                   mail::return_path_line(request_.sender), mail::delivered_to_line(recipient)};
    if (!request_.describe) {
      if (auto checked = check_loop(message_, trace_.delivered_to); !checked) {
        return checked;
      }
    }
    const auto instructions = find_instructions();
    if (!instructions) {
      return instructions.error();
    }
    for (const Instruction& instruction : *instructions) {
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
  Result<void> enter_home() const {
    if (auto changed = sys::change_directory(request_.home); !changed) {
      return temporary(base::concat({"Unable to switch to ", request_.home, ": ",
                                     sys::error_text(changed.error().error), ". (#4.3.0)"}),
                       changed.error().error);
    }
    const auto home = check_home();
    if (!home) {
      return home.error();
    }
    if (*home == HomeState::being_edited) {
      if (!request_.describe) {
        return temporary("Home directory is sticky: user is editing his .qmail file. (#4.2.1)");
      }
      say(STDERR_FILENO, "Warning: home directory is sticky.\n");
    }
    return {};
  }

  Result<std::vector<Instruction>> find_instructions() {
    auto file = find_dot_qmail(request_.dash, request_.ext);
    if (!file) {
      return file.error();
    }
    if (!*file && !request_.dash.empty()) {
      return permanent("Sorry, no mailbox here by that name. (#5.1.1)");
    }
    auto sender = forward_sender(request_.dash, request_.ext, request_.local, request_.host,
                                 request_.sender);
    if (!sender) {
      return sender.error();
    }
    new_sender_ = *std::move(sender);
    if (*file) {
      default_from_ = (*file)->default_from;
      if (!(*file)->text.empty()) {
        forward_only_ = (*file)->forward_only;
        return parse_dot_qmail((*file)->text);
      }
    }
    return parse_dot_qmail(request_.default_instructions);
  }

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
                                   : deliver_to_mbox(mbox.path, trace_, message_));
  }

  Result<Next> carry_out(const Maildir& maildir) {
    ++files_;
    if (forward_only_) {
      return temporary("Uh-oh: .qmail has file delivery but has x bit set. (#4.7.0)");
    }
    describe("maildir", maildir.path);
    return after(request_.describe
                     ? Result<void>()
                     : deliver_to_maildir(maildir.path, ++maildirs_, trace_, message_));
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

  // Forwards wait for the end, so that a failure before it forwards nothing twice.
  Result<Next> carry_out(const Forward& forward) {
    describe("forward", forward.address);
    recipients_.push_back(forward.address);
    return Next::go_on;
  }

  Result<Next> carry_out(const ForwardOnly& /*rest*/) {
    forward_only_ = true;
    return Next::go_on;
  }

  // Of programs, and of the queue program that takes the forwards.
  const std::vector<std::string>& environment() {
    if (!environment_) {
      environment_ = command_environment(sys::Environment::current(), request_, new_sender_,
                                         trace_, default_from_)
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
      const auto process = forward_message(message_, trace_.delivered_to, new_sender_,
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
  TraceLines trace_;
  std::string new_sender_;
  std::optional<std::size_t> default_from_;
  std::optional<std::vector<std::string>> environment_;
  bool forward_only_ = false;
  std::uint64_t files_ = 0;
  // Maildirs written so far: part of the next name.
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
