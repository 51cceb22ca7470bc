// A scripted server instead of a connection to a real one.
#pragma once

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "sys/clock.h"
#include "sys/connection.h"

namespace reqmail::test {

// Answers with a fixed script. Each reply is ready after the client has sent something that
// ends in a line feed; the greeting is ready at once. "" closes the connection.
class ScriptedPeer : public sys::Connection {
 public:
  explicit ScriptedPeer(std::vector<std::string> replies) : replies_(std::move(replies)) {}

  Result<std::size_t> read(char* buffer, std::size_t size) override {
    if (next_ >= replies_.size() || replies_[next_].empty()) {
      return std::size_t{0};
    }
    std::string& reply = replies_[next_];
    const std::size_t count = std::min({size, reply.size(), piece});
    std::copy_n(reply.begin(), count, buffer);
    reply.erase(0, count);
    if (reply.empty()) {
      ++next_;
    }
    return count;
  }

  Result<std::size_t> write_some(std::string_view bytes) override {
    if (writes == fail_at) {
      return temporary("broken pipe", EPIPE);
    }
    ++writes;
    heard.append(bytes);
    return bytes.size();
  }

  // Records how many seconds from now the limit is.
  void stop_at(std::chrono::milliseconds end) override {
    times.push_back(std::chrono::round<base::Seconds>(end - sys::monotonic()).count());
  }

  std::vector<std::int64_t> times;
  std::size_t piece = 1000;
  int fail_at = -1;
  int writes = 0;
  std::string heard;

 private:
  std::vector<std::string> replies_;
  std::size_t next_ = 0;
};

}  // namespace reqmail::test
