// Every line of qmail-send's log, exact (qmail-log(5)): statistics programs read them. Each
// function returns a whole line with its line feed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "mail/message_id.h"
#include "scheduler/channel.h"

namespace reqmail::scheduler {

using mail::MessageId;

// Text from outside as a line may show it: a line feed becomes '/', every other byte outside
// 33..126, and '%', becomes '_'.
std::string log_text(std::string_view text);

namespace log_line {

struct Load {
  unsigned running = 0;
  unsigned limit = 0;
};

std::string status(PerChannel<Load> load, bool exiting);
std::string exiting();
std::string new_message(MessageId id);
std::string message_info(MessageId id, std::uint64_t bytes, std::string_view sender,
                         std::uint64_t pid, std::uint64_t uid);
std::string starting(std::uint64_t delivery, MessageId id, Channel channel,
                     std::string_view recipient);
std::string success(std::uint64_t delivery, std::string_view text);
std::string deferral(std::uint64_t delivery, std::string_view text);
std::string failure(std::uint64_t delivery, std::string_view text);
std::string mangled(std::uint64_t delivery);
std::string report_out_of_range();
std::string bounced(MessageId id, std::uint64_t pid);
std::string reported(MessageId id, std::uint64_t pid);
std::string double_bounce(MessageId id);
std::string triple_bounce(MessageId id);
std::string end_message(MessageId id);

// "warning: WHAT" and "warning: WHAT FILE", the second with "; will try again later" if wanted.
std::string warning(std::string_view what);
std::string warning_later(std::string_view what, std::string_view file);

// "alert: WHAT".
std::string alert(std::string_view what);

std::string trouble_marking(std::string_view file);
std::string unable_to_utime(std::string_view file);
std::string unable_to_clean(std::string_view file);
std::string unable_to_append_bounce();
std::string lost_clean();
std::string lost_spawner();
std::string unable_to_list(std::string_view directory);
std::string unable_to_reread(std::string_view file);
std::string out_of_memory();

// "alert: cannot start: WHAT".
std::string cannot_start(std::string_view what);

}  // namespace log_line

}  // namespace reqmail::scheduler
