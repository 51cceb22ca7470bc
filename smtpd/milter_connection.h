// One milter of an SMTP session: its connection, its time limits, and the meaning of its
// errors.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "filter/milter_client.h"
#include "filter/service_line.h"
#include "mail/header_text.h"
#include "net/socket_connection.h"
#include "smtpd/held_bytes.h"

namespace reqmail::smtpd {

// A reply of kind `go_on` or `accept` lets the mail pass. A milter that cannot be reached, is
// late or violates the protocol is not asked again in this session: its default answers
// everything, and one line is logged.
class MilterConnection {
 public:
  explicit MilterConnection(filter::ServiceLine line) : line_(std::move(line)) {}

  MilterConnection(MilterConnection&&) = default;
  MilterConnection& operator=(MilterConnection&&) = delete;
  MilterConnection(const MilterConnection&) = delete;
  MilterConnection& operator=(const MilterConnection&) = delete;
  ~MilterConnection();

  // Connects and negotiates the protocol.
  void open();

  [[nodiscard]] const std::string& place() const { return line_.place; }

  // Passes an event to the milter and returns its answer; go_on if the milter does not want the
  // event.
  filter::MilterReply tell(filter::MilterEvent event, std::string_view data,
                           const filter::MilterMacros& macros);

  void begin_message();

  // Returns whether the milter wants more of the message, or its default would refuse it.
  [[nodiscard]] bool wants_message() const;

  // Pass the parts of the message in their order, in stored form. An answer that ends the
  // milter's part is kept for end_message().
  void header(const mail::HeaderText& header, const filter::MilterMacros& macros);
  void body(std::string_view block);

  // The milter's judgement of the whole message.
  struct Judgement {
    filter::MilterReply reply = {};
    std::vector<filter::MessageEdit> edits = {};
    // If it is set, it replaces the message's body.
    std::optional<HeldBytes> body = std::nullopt;
  };

  Judgement end_message(const filter::MilterMacros& macros);

  [[nodiscard]] bool keeps_leading_space() const { return client_.keeps_leading_space(); }

  // Called if the message ends without a judgement.
  void abort();

 private:
  // A new body from the milter, in stored form.
  struct NewBody {
    std::optional<HeldBytes> bytes;
    bool after_cr = false;
    bool in_line = false;

    void add(std::string_view piece);
    void end();
  };

  filter::MilterReply default_reply() const;
  filter::MilterReply fail(std::string_view why);
  filter::MilterReply wait_for_reply(std::chrono::milliseconds limit, NewBody* body);
  bool send(const std::string& packets);
  void tell_of_message(filter::MilterEvent event, std::string_view data,
                       const filter::MilterMacros& macros);
  void send_body(bool all);
  [[nodiscard]] std::chrono::milliseconds question_time() const;

  filter::ServiceLine line_;
  std::unique_ptr<net::SocketConnection> connection_;
  filter::MilterClient client_;
  bool failed_ = false;
  // The answer that has ended the milter's part in the current message.
  std::optional<filter::MilterReply> early_reply_;
  std::string unsent_body_;
};

}  // namespace reqmail::smtpd
