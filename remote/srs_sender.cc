#include "remote/srs_sender.h"

#include <sys/types.h>
#include <unistd.h>

#include <cerrno>
#include <optional>

#include "auth822/message_header.h"
#include "auth822/origin.h"
#include "auth822/srs.h"
#include "base/text.h"
#include "control/files.h"
#include "control/own_domains.h"
#include "srs/settings.h"

namespace reqmail::remote {

namespace {

constexpr std::size_t kPiece = 16384;
// How the senders end of which each recipient's bounce names another one, and of double bounces
// (addresses(5)).
constexpr std::string_view kSpecialEnd = "@[]";

Failure cannot_rewrite(std::string_view why) {
  return temporary(base::concat({"Unable to rewrite the sender: ", why, ". (#4.3.0)"}));
}

// Returns the header; nullopt if the message cannot be read twice.
std::optional<auth822::MessageHeader> header_of(int message) {
  off_t at = ::lseek(message, 0, SEEK_CUR);
  if (at < 0) {
    return std::nullopt;
  }
  auth822::HeaderCutter cutter;
  std::string piece(kPiece, '\0');
  while (!cutter.in_body()) {
    const ssize_t count = ::pread(message, piece.data(), piece.size(), at);
    if (count < 0 && errno != EINTR) {
      return std::nullopt;
    }
    if (count == 0) {
      break;
    }
    if (count > 0) {
      (void)cutter.take(std::string_view(piece).substr(0, static_cast<std::size_t>(count)));
      at += count;
    }
  }
  return auth822::MessageHeader(cutter.header());
}

}  // namespace

Result<std::string> sender_in_mail_from(const std::string& sender, int message,
                                        bool rewrites_own, std::uint64_t time) {
  if (sender.empty() || sender.ends_with(kSpecialEnd)) {
    return sender;
  }
  const auto header = header_of(message);
  if (!header || !auth822::find_origin(*header, "").forwarded) {
    return sender;
  }
  if (!rewrites_own) {
    control::ControlFiles files;
    files.look_for_names();
    const auto ours = control::is_own_address(files, sender);
    if (!ours) {
      return cannot_rewrite(ours.error().text);
    }
    if (*ours) {
      return sender;
    }
  }
  const auto settings = srs::read_settings();
  if (!settings) {
    return cannot_rewrite(settings.error().text);
  }
  if (!*settings) {
    return sender;
  }
  return auth822::srs_forward(sender, **settings, time).value_or(sender);
}

}  // namespace reqmail::remote
