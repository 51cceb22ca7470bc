// qmail-mailauth as the child of a session, or one that serves many sessions. It is started or
// connected to at the first question, asked as often as necessary, and ended with the session.
// A child is started only once: if it ends, does not answer in time or sends malformed answers,
// it is given up, and from then on every look-up counts as failed. If one for many sessions
// does so at the first question, the child is asked in its place.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "judge/message_protocol.h"
#include "judge/protocol.h"
#include "sys/child.h"
#include "sys/fd.h"

namespace reqmail::smtpd {

// Where one for many sessions is; nowhere if neither is set.
struct JudgePlace {
  // The path of its socket, which has precedence.
  std::string path;
  // The socket that a process of qmail-listen has inherited (smtpd/shared_judge.h).
  sys::Fd shared;
};

class JudgeClient {
 public:
  // `limit` is the time for a step, as in qmail-mailauth; here it is a little longer.
  JudgeClient(judge::SessionSettings settings, base::Seconds limit, JudgePlace resident);

  // Returns the answer; without one, everything in it has failed.
  judge::SenderAnswer ask(const judge::SenderRequest& request);

  // These pass a message: its beginning, its pieces in their order, and its end, which has an
  // answer. It may be given up after its beginning.
  void begin_message(const judge::MessageRequest& request);
  void take_piece(std::string_view piece);
  judge::MessageAnswer end_message();
  void give_up_message();

 private:
  using Time = std::chrono::milliseconds;

  // Connects or starts the child if necessary; returns whether one is there.
  bool start();
  // Each of these begins a session with one of them.
  bool connect();
  bool start_child();
  void introduce();
  // Adds a frame to those that wait to be sent, which it sends once they are worth it; on
  // failure the child is given up.
  void tell(std::string_view frame);
  void lose();
  [[nodiscard]] Time end_of_step() const;
  // Sends the frames that wait, and this one.
  bool send(std::string_view frame, Time end);
  // Returns the content of the next frame; nullopt if the child is lost. The view is valid
  // until the next call.
  std::optional<std::string_view> receive(Time end);

  judge::SessionSettings settings_;
  base::Seconds limit_;
  JudgePlace resident_;
  bool started_ = false;
  // One for many sessions has answered nothing so far, so a child may take its place.
  bool replaceable_ = false;
  // The child is killed with the object, since it has nothing to finish.
  sys::Child child_;
  sys::Fd socket_;
  // Small frames go together, since each call that sends one wakes the child.
  std::string unsent_;
  judge::FrameSplitter frames_;
};

}  // namespace reqmail::smtpd
