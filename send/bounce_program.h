// A queue program that gets a bounce.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "send/bounce_taker.h"
#include "send/bounce_text.h"
#include "submit/queue_program.h"

namespace reqmail::send {

class BounceProgram final : public BounceTaker {
 public:
  // Feeds the program as far as its pipe accepts it at once.
  BounceProgram(submit::QueueProgram program, BounceOrder order);

  void watch(sys::Poller& poller) override;
  bool serve(const sys::Poller& poller) override;
  void stop(int signal) override;
  std::optional<BounceResult> look() override;

 private:
  void feed();
  void drain();
  [[nodiscard]] int pipe() const;
  void give_up();
  // Returns whether there is something to write.
  bool refill();

  submit::QueueProgram program_;
  BounceText text_;
  std::string buffer_;
  std::size_t written_ = 0;
  bool whole_ = false;
  std::optional<std::size_t> pipe_watch_;
  std::optional<std::size_t> words_watch_;
};

}  // namespace reqmail::send
