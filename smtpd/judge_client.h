// qmail-mailauth as the child of a session: started at the first question, asked as often as
// wanted, ended with the session. At most one is started. One that dies, says nothing in time
// or talks nonsense is given up for good; from then on every look-up has failed.
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
  // `limit`: of a step, as qmail-mailauth keeps it; it gets a little more here.
  JudgeClient(judge::SessionSettings settings, base::Seconds limit);

  // Everything has failed where there is no answer.
  judge::SenderAnswer ask(const judge::SenderRequest& request);

  // A message: its beginning, pieces of it in their order, and its end, which is answered; or
  // it is given up after its beginning.
  void begin_message(const judge::MessageRequest& request);
  void take_piece(std::string_view piece);
  judge::MessageAnswer end_message();
  void give_up_message();

 private:
  using Time = std::chrono::milliseconds;

  // Whether it runs now.
  bool start();
  // Sends a frame, or loses it.
  void tell(std::string_view frame);
  void lose();
  [[nodiscard]] Time end_of_step() const;
  bool send(std::string_view frame, Time end);
  // The content of the next frame; the view lives until the next call. Nullopt: it is lost.
  std::optional<std::string_view> receive(Time end);

  judge::SessionSettings settings_;
  base::Seconds limit_;
  bool started_ = false;
  // Killed with its owner: it keeps nothing that has to be finished.
  sys::Child child_;
  sys::Fd socket_;
  judge::FrameSplitter frames_;
};

}  // namespace reqmail::smtpd
