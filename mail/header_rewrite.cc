#include "mail/header_rewrite.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/number.h"
#include "base/text.h"
#include "mail/address.h"
#include "mail/address_list.h"
#include "mail/date822.h"

namespace reqmail::mail {

namespace {

// Returns whether a field is never passed on.
bool is_dropped(FieldName name) {
  return name == FieldName::bcc || name == FieldName::resent_bcc ||
         name == FieldName::return_path || name == FieldName::content_length;
}

// A line end in an address would also end a line of the envelope, of the log and of dialogues
// with other hosts; a NUL would end the address in the queue.
bool fits_envelope(std::string_view address) {
  return address.find('\n') == std::string_view::npos &&
         address.find('\0') == std::string_view::npos;
}

// Returns whether a token ends in a line end, which a backslash can put even into an atom. In a
// phrase it would end the field, since the blank at the beginning of the next line is not part
// of the atom; in quotes, comments and literals the blank is part of the token.
bool breaks_the_field(const Token& token) {
  const std::size_t end = token.text.find('\n');
  return end != std::string::npos && end + 1 == token.text.size();
}

// Line ends in a full name would begin lines of the header.
std::string on_one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\r' || c == '\n'; }, ' ');
  return text;
}

// Returns a user and a host from the environment as somebody would type them. The host is
// printed as one atom, so that parsing it later keeps it whole; a literal stays a literal.
std::string typed_address(std::string_view user, const std::optional<std::string>& host) {
  std::string address = quote_local_part(user);
  if (host) {
    address.append("@").append(
        host->starts_with('[') ? *host : print_token({Token::Kind::atom, *host}));
  }
  return address;
}

void append(std::vector<std::string>& to, const std::vector<std::string>& addresses) {
  to.insert(to.end(), addresses.begin(), addresses.end());
}

}  // namespace

Failure unparsable_line(std::string_view line) {
  return permanent(base::concat({"unable to parse this line:\n", line}));
}

bool HeaderRewriter::is_deleted(FieldName name) const {
  return (settings_.delete_from && name == FieldName::from) ||
         (settings_.delete_message_id && name == FieldName::message_id) ||
         (settings_.delete_return_path && name == FieldName::return_path);
}

bool HeaderRewriter::seen(FieldName name) const {
  return ((seen_ >> static_cast<unsigned>(name)) & 1U) != 0;
}

Result<void> HeaderRewriter::add(std::string_view field) {
  const auto parts = split_field(field);
  if (!parts) {
    kept_.append("MBOX-Line: ").append(field);
    return {};
  }
  const FieldName name = field_name(parts->name);
  if (is_deleted(name)) {
    return {};
  }
  seen_ |= std::uint64_t{1} << static_cast<unsigned>(name);
  resent_ = resent_ || is_resent(name);
  if (has_addresses(name)) {
    return add_addresses(name, *parts, field);
  }
  if (!is_dropped(name)) {
    kept_.append(field);
  }
  return {};
}

Result<void> HeaderRewriter::add_addresses(FieldName name, const FieldParts& parts,
                                           std::string_view field) {
  auto tokens = tokenize(parts.value);
  if (!tokens || std::any_of(tokens->begin(), tokens->end(), breaks_the_field)) {
    return unparsable_line(field);
  }
  std::vector<std::string> addresses;
  const auto complete = [this, &addresses](std::vector<Token>& address) {
    defaults_.complete(address);
    addresses.push_back(plain_text(address));
    return fits_envelope(addresses.back());
  };
  if (!rewrite_addresses(*tokens, complete)) {
    return unparsable_line(field);
  }
  if (!is_dropped(name)) {
    kept_.append(print_field(parts.name, *tokens));
  }
  remember(name, std::move(addresses));
  return {};
}

void HeaderRewriter::remember(FieldName name, std::vector<std::string> addresses) {
  switch (name) {
  case FieldName::to:
  case FieldName::cc:
    append(visible_, addresses);
    [[fallthrough]];
  case FieldName::bcc:
  case FieldName::apparently_to:
    append(recipients_, addresses);
    return;
  case FieldName::resent_to:
  case FieldName::resent_cc:
  case FieldName::resent_bcc:
    append(resent_recipients_, addresses);
    return;
  case FieldName::return_path:
    if (!return_path_ && !addresses.empty()) {
      return_path_ = std::move(addresses.front());
    }
    return;
  case FieldName::other:
  case FieldName::resent_sender:
  case FieldName::resent_from:
  case FieldName::resent_reply_to:
  case FieldName::resent_date:
  case FieldName::resent_message_id:
  case FieldName::sender:
  case FieldName::from:
  case FieldName::reply_to:
  case FieldName::date:
  case FieldName::message_id:
  case FieldName::return_receipt_to:
  case FieldName::errors_to:
  case FieldName::content_length:
  case FieldName::mail_followup_to:
    return;
  }
}

// Returns the Return-Path field for a message without one if there is no -f; it is parsed and
// completed like any other field.
std::string HeaderRewriter::default_return_path() const {
  std::string user = settings_.sender_user;
  if (settings_.verp_per_message) {
    user.append(base::concat(
        {"-", base::decimal(static_cast<std::uint64_t>(base::to_epoch(settings_.now))), ".",
         base::decimal(settings_.process_id)}));
  }
  if (settings_.verp_per_recipient) {
    user.push_back('-');
  }
  return base::concat({"Return-Path: ", typed_address(user, settings_.sender_host), "\n"});
}

// Returns the From field as a user would type it; it is parsed and completed like any other
// field.
std::string HeaderRewriter::default_from(std::string_view name) const {
  const std::string address = typed_address(settings_.user, settings_.host);
  if (!settings_.full_name) {
    return base::concat({name, ": ", address, "\n"});
  }
  const bool as_comment = settings_.name_as_comment;
  const Token full_name{as_comment ? Token::Kind::comment : Token::Kind::quoted,
                        on_one_line(*settings_.full_name)};
  if (as_comment) {
    return base::concat({name, ": ", address, " ", print_token(full_name), "\n"});
  }
  return base::concat({name, ": ", print_token(full_name), " <", address, ">\n"});
}

std::string HeaderRewriter::message_id() const {
  const base::CivilTime civil = base::civil_time(settings_.now);
  std::string stamp = base::decimal(static_cast<std::uint64_t>(std::max(civil.year, 0)));
  for (const int part : {civil.month, civil.day, civil.hour, civil.minute, civil.second}) {
    stamp.append(base::decimal_padded(static_cast<std::uint64_t>(part), 2));
  }
  return base::concat({"Message-ID: <", stamp, ".", base::decimal(settings_.process_id),
                       ".qmail@", settings_.id_host, ">\n"});
}

// Returns Mail-Followup-To with all To and Cc addresses if one of them is a mailing list.
std::string HeaderRewriter::followup_to() const {
  const bool wanted =
      std::any_of(visible_.begin(), visible_.end(), [this](const std::string& address) {
        return settings_.followup_lists.contains(address);
      });
  if (!wanted || resent_ || seen(FieldName::mail_followup_to)) {
    return {};
  }
  std::string field = "Mail-Followup-To: ";
  for (auto address = visible_.rbegin(); address != visible_.rend(); ++address) {
    field.append(address == visible_.rbegin() ? "" : ",\n  ").append(quote_address(*address));
  }
  field.push_back('\n');
  return field;
}

// Returns the fields that a message must have and this one does not have, in the order of the
// manual page.
Result<std::string> HeaderRewriter::added_fields() {
  const std::string_view prefix = resent_ ? "Resent-" : "";
  std::string added;
  if (!seen(resent_ ? FieldName::resent_date : FieldName::date)) {
    added.append(base::concat({prefix, "Date: ", date822(settings_.now), "\n"}));
  }
  if (!seen(resent_ ? FieldName::resent_message_id : FieldName::message_id)) {
    added.append(prefix).append(message_id());
  }
  if (!seen(resent_ ? FieldName::resent_from : FieldName::from)) {
    // add() appends to kept_, but these fields belong to `added`.
    std::swap(added, kept_);
    const auto done = add(default_from(base::concat({prefix, "From"})));
    std::swap(added, kept_);
    if (!done) {
      return done.error();
    }
  }
  if (!seen(resent_ ? FieldName::resent_to : FieldName::to) &&
      !seen(resent_ ? FieldName::resent_cc : FieldName::cc)) {
    added.append(prefix).append("Cc: recipient list not shown: ;\n");
  }
  added.append(followup_to());
  return added;
}

Result<RewrittenHeader> HeaderRewriter::finish(const std::optional<std::string>& sender) {
  // The Return-Path and From fields made below must not be deleted again.
  settings_.delete_return_path = false;
  settings_.delete_from = false;
  if (!sender && !return_path_) {
    if (auto done = add(default_return_path()); !done) {
      return done.error();
    }
  }
  auto added = added_fields();
  if (!added) {
    return added.error();
  }
  RewrittenHeader header;
  header.text = std::move(*added);
  header.text.append(kept_);
  if (sender) {
    header.sender = *sender;
  } else if (return_path_) {
    header.sender = std::move(*return_path_);
  }
  if (!sender && settings_.verp_per_recipient) {
    header.sender.append("-@[]");
  }
  header.recipients = std::move(resent_ ? resent_recipients_ : recipients_);
  return header;
}

}  // namespace reqmail::mail
