// What the state machine of proto/smtp_server wants its caller to do next.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "proto/question.h"
#include "proto/sasl.h"

namespace reqmail::proto {

// After each action except `none`, `quit` and `hang_up`, the method named here must be called.
enum class SmtpAction {
  none,          // send the reply and read the next line
  ask,           // no reply yet: find the answer to `question`, then answer()
  check_user,    // no reply yet: check `credentials`, then checked()
  start_tls,     // no reply yet: prepare TLS; tls_ready(), then secured(), or tls_refused()
  open_queue,    // no reply yet: start a queue program, then queue_opened()
  receive,       // send the reply and read the message, then end_of_data()
  finish_queue,  // no reply yet: give the envelope to the queue program, then queued()
  quit,          // send the reply and end: the client has said QUIT
  hang_up,       // send the reply and end the session because of an error
};

// The sender, recipient or message that a reply is about, for the session log.
struct SmtpEvent {
  std::string_view reason;      // one word for the log
  bool at_end_of_data = false;  // the reply judges a message; else a refusal before it
  std::string sender = {};
  std::string recipients = {};      // each followed by NUL
  std::uint64_t size = 0;           // the size of the message
  std::uint64_t queue_process = 0;  // the process ID of the queue program, or 0
  std::string findings = {};        // those of checks, each " key=word";
};

struct SmtpStep {
  std::string reply = {};  // whole lines with CR LF
  // The enhanced status code (RFC 3463) of a positive reply whose text has none; empty if the
  // reply never has one (RFC 2034 section 3).
  std::string_view status = "2.0.0";
  SmtpAction action = SmtpAction::none;
  std::optional<Question> question = std::nullopt;
  std::optional<SaslCredentials> credentials = std::nullopt;
  std::optional<SmtpEvent> event = std::nullopt;
  // Log lines that are written even if there is no session log.
  std::vector<std::string> log = {};
  // The time to wait before the reply is sent.
  base::Seconds delay{0};
};

}  // namespace reqmail::proto
