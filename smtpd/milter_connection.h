// One milter of an SMTP session: its connection, its time limits, and what its trouble means.
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
// late or breaks the protocol is not asked again in this session: its default is its answer to
// everything, and one line is logged.
class MilterConnection {
 public:
  explicit MilterConnection(filter::ServiceLine line) : line_(std::move(line)) {}

  MilterConnection(MilterConnection&&) = default;
  MilterConnection& operator=(MilterConnection&&) = delete;
  MilterConnection(const MilterConnection&) = delete;
  MilterConnection& operator=(const MilterConnection&) = delete;
  ~MilterConnection();

  // Connects and agrees on the protocol.
  void open();

  [[nodiscard]] const std::string& place() const { return line_.place; }

  // The answer to an event; go_on if the milter does not hear it.
  filter::MilterReply tell(filter::MilterEvent event, std::string_view data,
                           const filter::MilterMacros& macros);

  void begin_message();

  // Whether the milter wants to see more of the message, or its default would stop it.
  [[nodiscard]] bool wants_message() const;

  // Parts of the message in their order, in stored form. An answer that ends the milter's part
  // is kept for end_message().
  void header(const mail::HeaderText& header, const filter::MilterMacros& macros);
  void body(std::string_view block);

  // What the milter has to say about the whole message.
  struct Judgement {
    filter::MilterReply reply = {};
    std::vector<filter::MessageEdit> edits = {};
    // If there is one, this body replaces the message's.
    std::optional<HeldBytes> body = std::nullopt;
  };

  Judgement end_message(const filter::MilterMacros& macros);

  [[nodiscard]] bool keeps_leading_space() const { return client_.keeps_leading_space(); }

  // The message ends without a judgement.
  void abort();

 private:
  // A body that the milter sends, in stored form.
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
  // What has ended the milter's part of the message that is under way.
  std::optional<filter::MilterReply> early_reply_;
  std::string unsent_body_;
};

}  // namespace reqmail::smtpd
