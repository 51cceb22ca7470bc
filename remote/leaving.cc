#include "remote/leaving.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "base/time.h"
#include "mail/idna.h"
#include "proto/smtp_client.h"
#include "remote/recipient_report.h"
#include "remote/srs_sender.h"
#include "sys/clock.h"

namespace reqmail::remote {

namespace {

bool is_proper(const Delivery& delivery) {
  return !delivery.recipients.empty() && proto::can_be_sent(delivery.sender) &&
         std::all_of(delivery.recipients.begin(), delivery.recipients.end(),
                     [](const std::string& address) { return proto::can_be_sent(address); });
}

}  // namespace

Failure invoked_improperly() {
  return permanent("I (qmail-remote) was invoked improperly. (#5.3.5)");
}

Result<Leaving> leave(const Delivery& delivery, const DeliverySettings& settings) {
  if (!is_proper(delivery)) {
    return invoked_improperly();
  }
  Leaving leaving{.delivery = delivery, .sender = delivery.sender};
  if (settings.addresses.utf8) {
    auto host = mail::find_a_labels(delivery.host);
    if (!host && host.error().permanence == Permanence::temporary) {
      return out_of_resources();
    }
    if (!host) {
      return no_such_host(delivery.host);
    }
    leaving.delivery.host = std::move(*host);
    leaving.sender = mail::address_in_a_labels(delivery.sender).value_or(delivery.sender);
  }
  auto from = settings.addresses.sources.find(leaving.sender);
  if (!from) {
    return from.error();
  }
  leaving.from = std::move(*from);
  auto mail_from = Result<std::string>(delivery.sender);
  if (settings.addresses.rewrites_senders) {
    const auto now = static_cast<std::uint64_t>(base::to_epoch(sys::now()));
    // Only a local part in ASCII gets everywhere, and the domain becomes part of it.
    mail_from = sender_in_mail_from(leaving.sender, delivery.message,
                                    settings.addresses.rewrites_own, now);
    if (mail_from && *mail_from == leaving.sender) {
      mail_from = delivery.sender;
    }
  }
  if (!mail_from) {
    return mail_from.error();
  }
  leaving.mail_from = std::move(*mail_from);
  return leaving;
}

}  // namespace reqmail::remote
