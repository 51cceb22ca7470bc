// The copy of a message at the end of a notice: all of it, its beginning, or its header.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace reqmail::scheduler {

struct ExcerptLimit {
  // The longest copy in bytes, cut at the end of a line; 0: any length.
  std::uint64_t max_bytes = 0;
  // The copy ends with the header.
  bool header_only = false;
  // The copy is a part of a MIME message, so that its header must stay complete in form.
  bool is_part = false;
};

// What a copy that was cut ends with.
inline constexpr std::string_view kCutHere = "--- The rest of the message is cut here. ---\n";

// Takes a message in pieces and returns what of them belongs to the copy.
class MessageExcerpt {
 public:
  explicit MessageExcerpt(const ExcerptLimit& limit) : limit_(limit) {}

  std::string take(std::string_view piece);

  // Returns the rest when the message has ended, or when take() need not be called any more.
  std::string finish();

  // Returns whether nothing more of the message belongs to the copy.
  [[nodiscard]] bool is_full() const { return full_; }

 private:
  std::string_view until_end_of_header(std::string_view piece);

  ExcerptLimit limit_;
  // The beginning of a line of which nobody knows yet whether it fits.
  std::string line_;
  std::uint64_t bytes_ = 0;
  bool in_header_ = true;
  bool at_line_start_ = true;
  bool cut_ = false;
  bool full_ = false;
};

}  // namespace reqmail::scheduler
