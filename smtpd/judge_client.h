// qmail-mailauth as the child of a session. It is started at the first question, asked as often
// as necessary, and ended with the session. It is started only once: if it ends, does not
// answer in time or sends malformed answers, it is given up, and from then on every look-up
// counts as failed.
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

class JudgeClient {
 public:
  // `limit` is the time for a step, as in qmail-mailauth; here it is a little longer.
  JudgeClient(judge::SessionSettings settings, base::Seconds limit);

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

  // Starts the child if necessary; returns whether it runs.
  bool start();
  // Sends a frame; on failure the child is given up.
  void tell(std::string_view frame);
  void lose();
  [[nodiscard]] Time end_of_step() const;
  bool send(std::string_view frame, Time end);
  // Returns the content of the next frame; nullopt if the child is lost. The view is valid
  // until the next call.
  std::optional<std::string_view> receive(Time end);

  judge::SessionSettings settings_;
  base::Seconds limit_;
  bool started_ = false;
  // The child is killed with the object, since it has nothing to finish.
  sys::Child child_;
  sys::Fd socket_;
  judge::FrameSplitter frames_;
};

}  // namespace reqmail::smtpd
