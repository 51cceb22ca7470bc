#include "local/tools/message_parts.h"

#include "local/message_file.h"
#include "mail/header_reader.h"

namespace reqmail::local {

namespace {

// Passes on the blank line, and the part of the body that the header reader has read.
bool begin_body(const mail::HeaderReader& reader, const PartHandlers& handlers) {
  if (reader.end() == mail::HeaderEnd::none) {
    return false;
  }
  return handlers.body("\n") &&
         (reader.body_begin().empty() || handlers.body(reader.body_begin()));
}

}  // namespace

Result<void> read_parts(int fd, const PartHandlers& handlers) {
  MessageFile message(fd);
  mail::HeaderReader reader(handlers.field);
  for (;;) {
    const auto piece = message.next();
    if (!piece) {
      return piece.error();
    }
    if (piece->empty()) {
      break;
    }
    if (reader.ended()) {
      if (!handlers.body(*piece)) {
        return {};
      }
      continue;
    }
    const auto taken = reader.add(*piece);
    if (!taken) {
      return taken.error();
    }
    if (!reader.ended()) {
      continue;
    }
    const std::string_view rest = piece->substr(*taken);
    if (!begin_body(reader, handlers) || (!rest.empty() && !handlers.body(rest))) {
      return {};
    }
  }
  if (!reader.ended()) {
    if (auto finished = reader.finish(); !finished) {
      return finished;
    }
    (void)begin_body(reader, handlers);
  }
  return {};
}

}  // namespace reqmail::local
