// A message that is held until it is judged. Checks and filters read it while it arrives, and
// may change it before a queue program gets it.
//
// The order of calls is: take() for each block while the message arrives; end() after the last
// one; then edits of header(), body() and fields at the top; then each() for the queue program.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auth822/message_header.h"
#include "base/result.h"
#include "mail/header_text.h"
#include "proto/message_sinks.h"
#include "smtpd/held_bytes.h"
#include "sys/patience.h"

namespace reqmail::smtpd {

// Gets a message piece by piece while it arrives, in stored form (lines end with LF), without
// our own fields and before any edit.
class MessageObserver {
 public:
  MessageObserver() = default;
  MessageObserver(const MessageObserver&) = delete;
  MessageObserver& operator=(const MessageObserver&) = delete;
  virtual ~MessageObserver() = default;

  virtual void take(std::string_view block) = 0;
};

// Divides a message that comes in blocks into header and body. A header of more than 1 MiB ends
// there: what follows, from the beginning of a line on, counts as body.
class MessageCutter {
 public:
  // Calls `header` when the header is complete, without the empty line after it, and `body` for
  // the parts of the body.
  template <typename Header, typename Body>
  void take(std::string_view block, Header header, Body body);

  // Called when the message is complete; calls `header` if it has no body.
  template <typename Header>
  void end(Header header);

 private:
  auth822::HeaderCutter cutter_;
  bool in_body_ = false;
};

class HeldMessage {
 public:
  void take(std::string_view block);

  // Called when the message is complete.
  void end();

  // Returns false if there was no place to hold the message, so that it cannot be queued.
  [[nodiscard]] bool is_whole() const { return !body_.failed(); }

  // Returns the header without the empty line after it. If the header was too long, an empty
  // line is inserted before the rest, so that no reader treats the rest as header. If its first
  // line is folded, an empty line is inserted before it, so that it continues no field of ours.
  [[nodiscard]] mail::HeaderText& header() { return header_; }

  // Returns what follows that empty line.
  [[nodiscard]] const HeldBytes& body() const { return body_; }

  // Replaces the body. If the new one could not be held, the message is not complete any more.
  void replace_body(HeldBytes body);

  // Passes the whole message in its current form to `take` in pieces.
  Result<void> each(const std::function<void(std::string_view)>& take) const;

 private:
  MessageCutter cutter_;
  mail::HeaderText header_;
  HeldBytes body_;
  bool has_empty_line_ = false;
};

// The last sink of a message that is held: passes each block to the observers and keeps it. The
// time that observers take does not count against the client.
class HeldSink final : public proto::MessageSink {
 public:
  // The arguments must outlive the sink.
  HeldSink(HeldMessage& message, std::vector<MessageObserver*> observers,
           sys::Patience& patience, const sys::LeastRate& rate)
      : message_(message), observers_(std::move(observers)), patience_(patience), rate_(rate) {}

  void take(std::string_view block) override;

  void give_up() override { given_up_ = true; }

 private:
  HeldMessage& message_;
  std::vector<MessageObserver*> observers_;
  sys::Patience& patience_;
  const sys::LeastRate& rate_;
  bool given_up_ = false;
};

template <typename Header, typename Body>
void MessageCutter::take(std::string_view block, Header header, Body body) {
  if (in_body_) {
    body(block);
    return;
  }
  const std::string_view rest = cutter_.take(block);
  if (!cutter_.in_body()) {
    return;
  }
  in_body_ = true;
  std::string text(cutter_.lines());
  // The line in which the header became too long belongs to the rest.
  const std::string last_line = cutter_.header().substr(text.size());
  cutter_ = auth822::HeaderCutter();
  header(mail::HeaderText(std::move(text)));
  if (!last_line.empty()) {
    body(std::string_view(last_line));
  }
  if (!rest.empty()) {
    body(rest);
  }
}

template <typename Header>
void MessageCutter::end(Header header) {
  if (!in_body_) {
    header(mail::HeaderText(cutter_.header()));
  }
}

}  // namespace reqmail::smtpd
