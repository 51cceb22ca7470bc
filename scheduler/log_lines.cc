#include "scheduler/log_lines.h"

#include "base/number.h"
#include "base/text.h"

namespace reqmail::scheduler {

namespace {

constexpr std::string_view kTryAgain = "; will try again later\n";

std::string result(std::uint64_t delivery, std::string_view verdict, std::string_view text) {
  return base::concat(
      {"delivery ", base::decimal(delivery), ": ", verdict, ": ", log_text(text), "\n"});
}

}  // namespace

std::string log_text(std::string_view text) {
  std::string safe = base::log_safe(text);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') {
      safe[i] = '/';
    }
  }
  return safe;
}

namespace log_line {

std::string status(PerChannel<Load> load, bool exiting) {
  const Load local = load[Channel::local];
  const Load remote = load[Channel::remote];
  return base::concat({"status: local ", base::decimal(local.running), "/",
                       base::decimal(local.limit), " remote ", base::decimal(remote.running),
                       "/", base::decimal(remote.limit), exiting ? " exitasap\n" : "\n"});
}

std::string exiting() {
  return "status: exiting\n";
}

std::string new_message(MessageId id) {
  return base::concat({"new msg ", id.text(), "\n"});
}

std::string message_info(MessageId id, std::uint64_t bytes, std::string_view sender,
                         std::uint64_t pid, std::uint64_t uid) {
  return base::concat({"info msg ", id.text(), ": bytes ", base::decimal(bytes), " from <",
                       log_text(sender), "> qp ", base::decimal(pid), " uid ",
                       base::decimal(uid), "\n"});
}

std::string starting(std::uint64_t delivery, MessageId id, Channel channel,
                     std::string_view recipient) {
  return base::concat({"starting delivery ", base::decimal(delivery), ": msg ", id.text(),
                       " to ", channel_name(channel), " ", log_text(recipient), "\n"});
}

std::string success(std::uint64_t delivery, std::string_view text) {
  return result(delivery, "success", text);
}

std::string deferral(std::uint64_t delivery, std::string_view text) {
  return result(delivery, "deferral", text);
}

std::string failure(std::uint64_t delivery, std::string_view text) {
  return result(delivery, "failure", text);
}

std::string mangled(std::uint64_t delivery) {
  return base::concat({"delivery ", base::decimal(delivery), ": report mangled, will defer\n"});
}

std::string report_out_of_range() {
  return "warning: internal error: delivery report out of range\n";
}

std::string bounced(MessageId id, std::uint64_t pid) {
  return base::concat({"bounce msg ", id.text(), " qp ", base::decimal(pid), "\n"});
}

std::string reported(MessageId id, std::uint64_t pid) {
  return base::concat({"report on msg ", id.text(), " qp ", base::decimal(pid), "\n"});
}

std::string double_bounce(MessageId id) {
  return base::concat({"double bounce: discarding bounce/", id.text(), "\n"});
}

std::string triple_bounce(MessageId id) {
  return base::concat({"triple bounce: discarding bounce/", id.text(), "\n"});
}

std::string end_message(MessageId id) {
  return base::concat({"end msg ", id.text(), "\n"});
}

std::string warning(std::string_view what) {
  return base::concat({"warning: ", what, "\n"});
}

std::string warning_later(std::string_view what, std::string_view file) {
  return base::concat({"warning: ", what, " ", file, kTryAgain});
}

std::string alert(std::string_view what) {
  return base::concat({"alert: ", what, "\n"});
}

std::string trouble_marking(std::string_view file) {
  return base::concat(
      {"warning: trouble marking ", file, "; message will be delivered twice!\n"});
}

std::string unable_to_utime(std::string_view file) {
  return base::concat(
      {"warning: unable to utime ", file, "; message will be retried too soon\n"});
}

std::string unable_to_clean(std::string_view file) {
  return base::concat({"warning: qmail-clean unable to clean up ", file, "\n"});
}

std::string unable_to_append_bounce() {
  return "alert: unable to append to bounce message; HELP! sleeping...\n";
}

std::string lost_clean() {
  return "alert: oh no! lost qmail-clean connection! dying...\n";
}

std::string lost_spawner() {
  return "alert: oh no! lost spawn connection! dying...\n";
}

std::string unable_to_list(std::string_view directory) {
  return base::concat({"alert: unable to opendir ", directory, ", sleeping...\n"});
}

std::string unable_to_reread(std::string_view file) {
  return base::concat({"alert: unable to reread ", file, "\n"});
}

std::string out_of_memory() {
  return "alert: out of memory, sleeping...\n";
}

std::string cannot_start(std::string_view what) {
  return base::concat({"alert: cannot start: ", what, "\n"});
}

}  // namespace log_line

}  // namespace reqmail::scheduler
