// The line to qmail-clean: commands that are out, and whether it is still there.
#pragma once

#include <cstddef>

#include "scheduler/context.h"

namespace reqmail::scheduler {

class CleanLine {
 public:
  // Has no effect if qmail-clean is gone.
  void ask(mail::CleanKind kind, MessageId id, Context& context) {
    if (alive_) {
      ++out_;
      context.act(AskClean{kind, id});
    }
  }

  void answered() { --out_; }

  // Returns false if that was known.
  bool lose() {
    const bool was_alive = alive_;
    alive_ = false;
    out_ = 0;
    return was_alive;
  }

  [[nodiscard]] bool alive() const { return alive_; }

  // No answer is waited for.
  [[nodiscard]] bool at_rest() const { return out_ == 0; }

 private:
  bool alive_ = true;
  std::size_t out_ = 0;
};

}  // namespace reqmail::scheduler
