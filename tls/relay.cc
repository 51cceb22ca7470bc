#include "tls/relay.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <optional>

#include "sys/clock.h"
#include "sys/fd.h"
#include "sys/poller.h"
#include "sys/stream.h"

namespace reqmail::tls {

namespace {

using Milliseconds = std::chrono::milliseconds;

// What TLS carries in one record.
constexpr std::size_t kBufferSize = std::size_t{16} << 10;

// What has come from one side and not yet gone to the other; read only when it is empty.
class Waiting {
 public:
  [[nodiscard]] bool empty() const { return begin_ == end_; }

  [[nodiscard]] std::string_view bytes() const {
    return {buffer_.data() + begin_, end_ - begin_};
  }

  char* room() { return buffer_.data(); }

  void filled(std::size_t count) {
    begin_ = 0;
    end_ = count;
  }

  void taken(std::size_t count) { begin_ += count; }

  void forget() { begin_ = end_; }

 private:
  std::array<char, kBufferSize> buffer_{};
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

class Relay {
 public:
  Relay(Connection& client, int inner, const RelayLimits& limits)
      : client_(client), inner_(inner), limits_(limits) {}

  void run() {
    const Milliseconds begin = sys::monotonic();
    client_moved_ = begin;
    moved_ = begin;
    while (!finished()) {
      needs_input_ = needs_output_ = false;
      const bool heard = from_client();
      const bool told = to_inner();
      const bool answered = from_inner();
      const bool sent = to_client();
      if (heard || told || answered || sent) {
        moved_ = sys::monotonic();
      } else if (!wait()) {
        break;
      }
    }
    client_.wait_again();
    // Behind bytes that were not sent it would pass for the end of all.
    if (to_client_.empty() && !client_gone_) {
      client_.close();
    }
  }

 private:
  [[nodiscard]] bool finished() const { return inner_ended_ && to_client_.empty(); }

  // Nothing more can be read from the client or written to it.
  void lose_client() {
    client_gone_ = true;
    client_ended_ = true;
    to_client_.forget();
  }

  // True: something was moved. Nothing more comes from the client once the programs behind
  // `inner` do not listen any more.
  bool from_client() {
    if (client_ended_ || !to_inner_.empty() || inner_deaf_) {
      return false;
    }
    const auto moved = client_.try_read(to_inner_.room(), kBufferSize);
    if (!moved) {
      lose_client();
      return true;
    }
    note(*moved);
    to_inner_.filled(moved->count);
    client_ended_ = moved->ended;
    return moved->ended || moved->count > 0;
  }

  bool to_inner() {
    if (to_inner_.empty()) {
      if (client_ended_ && !inner_told_end_) {
        sys::end_writing(inner_);
        inner_told_end_ = true;
      }
      return false;
    }
    const auto count = sys::write_some(inner_, to_inner_.bytes());
    if (!count) {
      if (count.error().error == EAGAIN) {
        return false;
      }
      inner_deaf_ = true;
      to_inner_.forget();
      return true;
    }
    to_inner_.taken(*count);
    return true;
  }

  bool from_inner() {
    if (inner_ended_ || !to_client_.empty()) {
      return false;
    }
    const auto count = sys::read_some(inner_, to_client_.room(), kBufferSize);
    if (!count && count.error().error == EAGAIN) {
      return false;
    }
    if (!count || *count == 0) {
      inner_ended_ = true;
      return true;
    }
    if (!client_gone_) {
      to_client_.filled(*count);
      client_moved_ = sys::monotonic();
    }
    return true;
  }

  bool to_client() {
    if (to_client_.empty()) {
      return false;
    }
    const auto moved = client_.try_write(to_client_.bytes());
    if (!moved || moved->ended) {
      lose_client();
      return true;
    }
    note(*moved);
    to_client_.taken(moved->count);
    if (moved->count > 0) {
      client_moved_ = sys::monotonic();
    }
    return moved->count > 0;
  }

  void note(const Moved& moved) {
    needs_input_ = needs_input_ || moved.needs_input;
    needs_output_ = needs_output_ || moved.needs_output;
  }

  // How long to wait; nullopt: for ever.
  [[nodiscard]] std::optional<Milliseconds> left() const {
    std::optional<Milliseconds> end;
    if (!to_client_.empty()) {
      end = client_moved_ + Milliseconds(limits_.stalled);
    }
    if (client_ended_) {
      const Milliseconds other = moved_ + Milliseconds(limits_.after_end);
      end = end ? std::min(*end, other) : other;
    }
    if (!end) {
      return std::nullopt;
    }
    return std::max(*end - sys::monotonic(), Milliseconds(0));
  }

  // False: time is up. Both descriptors of the client are watched for as long as TLS asks for
  // that, whichever way the bytes go.
  bool wait() {
    const auto limit = left();
    if (limit && limit->count() <= 0) {
      return false;
    }
    poller_.clear();
    if (needs_input_) {
      poller_.watch_read(client_.input());
    }
    if (needs_output_) {
      poller_.watch_write(client_.output());
    }
    if (!to_inner_.empty()) {
      poller_.watch_write(inner_);
    }
    if (!inner_ended_ && to_client_.empty()) {
      poller_.watch_read(inner_);
    }
    return poller_.wait(limit).has_value();
  }

  Connection& client_;
  int inner_;
  RelayLimits limits_;
  sys::Poller poller_;
  Waiting to_inner_;
  Waiting to_client_;
  Milliseconds client_moved_{};  // when something last went to the client
  Milliseconds moved_{};         // when something last went anywhere
  bool needs_input_ = false;
  bool needs_output_ = false;
  bool client_ended_ = false;
  bool client_gone_ = false;
  bool inner_told_end_ = false;
  bool inner_deaf_ = false;
  bool inner_ended_ = false;
};

}  // namespace

void relay(Connection& client, int inner, const RelayLimits& limits) {
  client.stop_waiting();
  sys::set_nonblocking(inner);
  Relay(client, inner, limits).run();
}

}  // namespace reqmail::tls
