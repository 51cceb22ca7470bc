// What qmail-inject does with a header (qmail-header(5)): which fields it removes, completes
// and adds, and the envelope that results.
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

// Everything on which the result depends, apart from the message.
struct HeaderSettings {
  // The letters of QMAILINJECT.
  bool name_as_comment = false;     // c
  bool delete_from = false;         // f
  bool delete_message_id = false;   // i
  bool delete_return_path = false;  // s
  bool verp_per_message = false;    // m
  bool verp_per_recipient = false;  // r
  // These describe the sender.
  std::string user;                      // QMAILUSER, MAILUSER, USER, LOGNAME
  std::optional<std::string> host;       // QMAILHOST, MAILHOST; nullopt means the default host
  std::optional<std::string> full_name;  // QMAILNAME, MAILNAME, NAME
  std::string sender_user;               // QMAILSUSER, else `user`
  std::optional<std::string> sender_host;  // QMAILSHOST, else `host`
  std::string id_host;
  base::ConstMap followup_lists;  // the addresses in QMAILMFTFILE
  base::Time now;
  std::uint64_t process_id = 0;
};

// The result for a whole header.
struct RewrittenHeader {
  std::string text;  // all fields, without the blank line after them
  std::string sender;
  std::vector<std::string> recipients;
};

class HeaderRewriter {
 public:
  // `defaults` must outlive the rewriter.
  HeaderRewriter(HeaderSettings settings, const AddressDefaults& defaults)
      : settings_(std::move(settings)), defaults_(defaults) {}

  // Takes one field from HeaderReader. A Failure is permanent; its text has the reason and
  // quotes the field with its final LF.
  Result<void> add(std::string_view field);

  // Called after the last field. `sender` is the value of -f, which has precedence over
  // everything else.
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
  std::uint64_t seen_ = 0;  // one bit for each FieldName
  bool resent_ = false;
  std::vector<std::string> recipients_;         // To, Cc, Bcc, Apparently-To
  std::vector<std::string> resent_recipients_;  // Resent-To, -Cc, -Bcc
  std::vector<std::string> visible_;            // To and Cc, for Mail-Followup-To
  std::optional<std::string> return_path_;
};

// Returns a Failure with "unable to parse this line:" and the line.
Failure unparsable_line(std::string_view line);

}  // namespace reqmail::mail
