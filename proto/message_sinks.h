// The way of a message from a client into the queue, as a chain of sinks. The message comes in
// stored form (lines end with LF) in blocks of any size, and each sink passes every block on to
// the next one. A sink that finds the message unfit calls give_up() of the next sink and goes
// on passing blocks, so that the sinks which count see all of the message; the last sink, which
// stores or sends it, drops the blocks after give_up().
//
// No sink refuses a message: at the end of the data the policy gets what the sinks have found
// out, and decides.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace reqmail::proto {

class MessageSink {
 public:
  MessageSink() = default;
  MessageSink(const MessageSink&) = delete;
  MessageSink& operator=(const MessageSink&) = delete;
  virtual ~MessageSink() = default;

  virtual void take(std::string_view block) = 0;

  // The message is no longer wanted. It may be called more than once.
  virtual void give_up() = 0;
};

// A message with this many hops is looping.
inline constexpr std::uint64_t kHopsMax = 100;

// Counts the header fields that record a hop: those whose name begins with "received" or
// "delivered".
class HopCounter {
 public:
  // Takes the stored form of the message in pieces of any size.
  void feed(std::string_view message);

  [[nodiscard]] bool too_many() const { return hops_ >= kHopsMax; }

 private:
  void end_line();

  std::uint64_t hops_ = 0;
  bool in_header_ = true;
  std::string line_;  // the beginning of the current line, as far as the names need it
};

// Gives up a message with too many hops.
class HopSink final : public MessageSink {
 public:
  // `next` must outlive the sink.
  explicit HopSink(MessageSink& next) : next_(next) {}

  void take(std::string_view block) override;

  void give_up() override { next_.give_up(); }

  [[nodiscard]] bool too_many() const { return hops_.too_many(); }

 private:
  MessageSink& next_;
  HopCounter hops_;
};

// Measures a message, and gives it up if it is larger than `limit`; a limit of 0 means that
// there is none.
class SizeSink final : public MessageSink {
 public:
  SizeSink(std::uint64_t limit, MessageSink& next) : limit_(limit), next_(next) {}

  void take(std::string_view block) override;

  void give_up() override { next_.give_up(); }

  [[nodiscard]] std::uint64_t size() const { return size_; }

 private:
  std::uint64_t limit_;
  MessageSink& next_;
  std::uint64_t size_ = 0;
};

}  // namespace reqmail::proto
