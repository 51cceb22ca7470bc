// What becomes of each recipient of a transaction for several, as if it had had one of its own.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "remote/smtp_transaction.h"

namespace reqmail::remote {

struct RecipientEnd {
  enum class Kind {
    // `report` is the whole report of qmail-remote for this recipient.
    reported,
    // The server has taken the message for others and deferred this recipient: another
    // transaction may have more success (RFC 5321 section 4.5.3.1.10).
    later,
    // It is not known what would have become of the recipient without the others.
    alone,
  };

  Kind kind = Kind::reported;
  std::string report;
};

// Returns the ends of so many recipients; `peer` is the address of the server.
std::vector<RecipientEnd> ends_of_group(const SmtpTransactionResult& result, std::size_t count,
                                        const std::string& peer);

// Returns the report of a transaction after its records for recipients.
std::string report_of_end(const SmtpTransactionResult& result, const std::string& peer);

}  // namespace reqmail::remote
