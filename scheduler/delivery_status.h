// The part of a report that programs read (RFC 3464): one group of fields for each recipient,
// made of the paragraphs of bounce/N.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace reqmail::scheduler {

// What happened to a recipient.
enum class DsnAction { failed, delayed, delivered, relayed };

// The fields of one recipient, with an empty line before them. `reason` is the spawner's report
// without its letter: the status, the host and the words of the host are taken from it. Bytes
// that a field may not have become '?'.
// `original` is the recipient's ORCPT; empty if there was none.
std::string recipient_fields(DsnAction action, std::string_view recipient,
                             std::string_view reason, std::string_view original = {});

// Returns a text as a field of a report may have it: in one line, without other bytes than
// printable ones.
std::string field_text(std::string_view text);

// Takes the paragraphs of bounce/N in pieces and returns the fields of the failed recipients.
class FailedRecipients {
 public:
  // `originals`: ORCPT by recipient.
  explicit FailedRecipients(std::map<std::string, std::string> originals)
      : originals_(std::move(originals)) {}

  std::string take(std::string_view piece);

  // Returns the rest when the paragraphs have ended.
  std::string finish();

 private:
  std::string paragraph();
  void skip_line_feeds();

  std::map<std::string, std::string> originals_;

  // The beginning of a paragraph of which the end has not come.
  std::string text_;
};

}  // namespace reqmail::scheduler
