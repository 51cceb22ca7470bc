#include "filter/message_edits.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/text.h"
#include "mail/idna.h"

namespace reqmail::filter {

namespace {

constexpr char kFirstOfName = 33;
constexpr char kLastOfName = 126;

void change_field(const MessageEdit& edit, bool space, mail::HeaderText& header) {
  const std::size_t before = edit.index == 0 ? 0 : edit.index - 1;
  const std::string field =
      edit.value.empty() ? std::string() : milter_field(edit.name, edit.value, space);
  if (!header.replace(edit.name, before, field)) {
    header.append(field);
  }
}

// The local part counts as it is, the domain in any case and with A-labels, which are what
// filters are told.
bool same_address(std::string_view a, std::string_view b) {
  const std::string first = mail::address_in_a_labels(a).value_or(std::string(a));
  const std::string second = mail::address_in_a_labels(b).value_or(std::string(b));
  const std::size_t local = first.rfind('@');
  return local == second.rfind('@') && first.substr(0, local) == second.substr(0, local) &&
         base::equal_ci(first, second);
}

void delete_recipient(std::string_view address, std::string& recipients) {
  std::string kept;
  for (std::string_view rest = recipients; !rest.empty();) {
    const std::size_t end = rest.find('\0');
    if (!same_address(rest.substr(0, end), address)) {
      kept.append(rest.substr(0, end + 1));
    }
    rest.remove_prefix(end + 1);
  }
  recipients = std::move(kept);
}

}  // namespace

std::string milter_field(std::string_view name, std::string_view value, bool space) {
  std::string field = base::concat({name, space ? ": " : ":"});
  bool first = true;
  for (std::string_view line : base::lines(value)) {
    while (line.ends_with('\r')) {
      line.remove_suffix(1);
    }
    // A folded line of blanks alone is obsolete, and some readers take it for the end.
    const bool blank = std::all_of(line.begin(), line.end(), base::is_blank);
    if (!first && blank) {
      continue;
    }
    if (!first) {
      field.append(base::is_blank(line.front()) ? "\n" : "\n\t");
    }
    field.append(line);
    first = false;
  }
  field.push_back('\n');
  return field;
}

bool is_field_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return c >= kFirstOfName && c <= kLastOfName && c != ':';
  });
}

std::string_view without_brackets(std::string_view text) {
  if (text.starts_with('<') && text.ends_with('>')) {
    return text.substr(1, text.size() - 2);
  }
  return text;
}

void edit_header(const std::vector<MessageEdit>& edits, bool space, mail::HeaderText& header) {
  for (const MessageEdit& edit : edits) {
    switch (edit.kind) {
    case MessageEdit::Kind::add_field:
      header.append(milter_field(edit.name, edit.value, space));
      break;
    case MessageEdit::Kind::insert_field:
      header.insert(edit.index, milter_field(edit.name, edit.value, space));
      break;
    case MessageEdit::Kind::change_field:
      change_field(edit, space, header);
      break;
    case MessageEdit::Kind::quarantine:
      header.put_on_top(milter_field(kQuarantineField, edit.value, true));
      break;
    case MessageEdit::Kind::add_recipient:
    case MessageEdit::Kind::delete_recipient:
    case MessageEdit::Kind::change_sender:
      break;
    }
  }
}

void edit_envelope(const std::vector<MessageEdit>& edits, std::string& sender,
                   std::string& recipients) {
  for (const MessageEdit& edit : edits) {
    switch (edit.kind) {
    case MessageEdit::Kind::add_recipient:
      recipients.append(edit.value);
      recipients.push_back('\0');
      break;
    case MessageEdit::Kind::delete_recipient:
      delete_recipient(edit.value, recipients);
      break;
    case MessageEdit::Kind::change_sender:
      sender = edit.value;
      break;
    case MessageEdit::Kind::add_field:
    case MessageEdit::Kind::insert_field:
    case MessageEdit::Kind::change_field:
    case MessageEdit::Kind::quarantine:
      break;
    }
  }
}

}  // namespace reqmail::filter
