// qmail-inject's view of a message header (qmail-header(5)): which fields go, which are
// completed, which are added, and the envelope that comes out of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/constmap.h"
#include "base/result.h"
#include "base/time.h"
#include "mail/address_defaults.h"
#include "mail/header_field.h"
#include "mail/token822.h"

namespace reqmail::mail {

// Everything the header depends on besides the message itself.
struct HeaderSettings {
  // The letters of QMAILINJECT.
  bool name_as_comment = false;     // c
  bool delete_from = false;         // f
  bool delete_message_id = false;   // i
  bool delete_return_path = false;  // s
  bool verp_per_message = false;    // m
  bool verp_per_recipient = false;  // r
  // Who sends.
  std::string user;                        // QMAILUSER, MAILUSER, USER, LOGNAME
  std::optional<std::string> host;         // QMAILHOST, MAILHOST; none: the default host
  std::optional<std::string> full_name;    // QMAILNAME, MAILNAME, NAME
  std::string sender_user;                 // QMAILSUSER, else as user
  std::optional<std::string> sender_host;  // QMAILSHOST, else as host
  std::string id_host;
  base::ConstMap followup_lists;  // addresses of QMAILMFTFILE
  base::Time now;
  std::uint64_t process_id = 0;
};

// What became of a header.
struct RewrittenHeader {
  std::string text;  // every field, without the blank line behind them
  std::string sender;
  std::vector<std::string> recipients;
};

class HeaderRewriter {
 public:
  // `defaults` must outlive the rewriter.
  HeaderRewriter(HeaderSettings settings, const AddressDefaults& defaults)
      : settings_(std::move(settings)), defaults_(defaults) {}

  // One field as HeaderReader gives it. A Failure is permanent; its text says why and quotes
  // the field, final LF included.
  Result<void> add(std::string_view field);

  // All fields have been given. `sender`: the one of -f, which wins over everything.
  Result<RewrittenHeader> finish(const std::optional<std::string>& sender);

 private:
  Result<void> add_addresses(FieldName name, const FieldParts& parts, std::string_view field);
  void remember(FieldName name, std::vector<std::string> addresses);
  [[nodiscard]] bool is_deleted(FieldName name) const;
  [[nodiscard]] bool seen(FieldName name) const;
  [[nodiscard]] std::string default_return_path() const;
  [[nodiscard]] std::string default_from(std::string_view name) const;
  [[nodiscard]] std::string message_id() const;
  [[nodiscard]] std::string followup_to() const;
  Result<std::string> added_fields();

  HeaderSettings settings_;
  const AddressDefaults& defaults_;
  std::string kept_;        // fields as they will be sent
  std::uint64_t seen_ = 0;  // one bit a FieldName
  bool resent_ = false;
  std::vector<std::string> recipients_;         // To, Cc, Bcc, Apparently-To
  std::vector<std::string> resent_recipients_;  // Resent-To, -Cc, -Bcc
  std::vector<std::string> visible_;            // To and Cc, for Mail-Followup-To
  std::optional<std::string> return_path_;
};

// "unable to parse this line:" with the line behind it.
Failure unparsable_line(std::string_view line);

}  // namespace reqmail::mail
