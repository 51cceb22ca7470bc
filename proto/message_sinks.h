// The way of a message from a client into the queue, as a chain of links. The bytes come in
// stored form (lines end with LF) in blocks of any size; each link passes every block on to the
// next one. A link that finds the message unfit calls give_up() of the next one and goes on
// passing blocks, so that the links which count see all of it; the one at the end, which stores
// or sends, drops what comes after that.
//
// The verdict is not a link's: what the links have found out goes to the policy at the end of
// the data.
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

  // The message is not wanted any more. May come more than once.
  virtual void give_up() = 0;
};

// A message with this many hops is looping.
inline constexpr std::uint64_t kHopsMax = 100;

// Counts the header fields that tell of a hop: those whose name begins with "received" or
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
  std::string line_;  // the beginning of the line, as long as a name needs
};

// Gives up a message with too many hops.
class HopSink final : public MessageSink {
 public:
  // `next` must outlive the link.
  explicit HopSink(MessageSink& next) : next_(next) {}

  void take(std::string_view block) override;

  void give_up() override { next_.give_up(); }

  [[nodiscard]] bool too_many() const { return hops_.too_many(); }

 private:
  MessageSink& next_;
  HopCounter hops_;
};

// Measures a message, and gives it up if it is larger than `limit`; 0 is no limit.
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
