#include "scheduler/router.h"

#include <optional>
#include <utility>

#include "base/text.h"
#include "mail/address.h"

namespace reqmail::scheduler {

namespace {

constexpr std::string_view kVerpEnd = "-@[]";

}  // namespace

void Router::replace(const std::vector<std::string>& locals,
                     const std::vector<std::string>& virtualdomains, bool utf8) {
  routes_.replace(locals, virtualdomains, utf8);
}

Route Router::route(std::string_view address) const {
  mail::RecipientRoute route = routes_.route(address);
  return {route.local ? Channel::local : Channel::remote, std::move(route.recipient),
          route.unsure};
}

std::string_view Router::without_prepend(std::string_view recipient) const {
  const mail::AddressParts parts = mail::split_address(recipient);
  if (!parts.has_domain) {
    return recipient;
  }
  const auto prepend = routes_.virtual_domain(parts.domain);
  if (!prepend || prepend->empty() || !recipient.starts_with(*prepend) ||
      recipient.substr(prepend->size(), 1) != "-") {
    return recipient;
  }
  return recipient.substr(prepend->size() + 1);
}

std::string verp_sender(std::string_view sender, std::string_view recipient) {
  const mail::AddressParts to = mail::split_address(recipient);
  if (!sender.ends_with(kVerpEnd) || !to.has_domain) {
    return std::string(sender);
  }
  // "#@[]" ends so too as far as its last three bytes go, but has no address in front.
  const mail::AddressParts from =
      mail::split_address(sender.substr(0, sender.size() - kVerpEnd.size()));
  if (!from.has_domain) {
    return std::string(sender);
  }
  return base::concat({from.local, to.local, "=", to.domain, "@", from.domain});
}

std::string_view bounce_recipient(std::string_view sender) {
  if (sender.ends_with(kVerpEnd)) {
    sender.remove_suffix(kVerpEnd.size());
  }
  return sender;
}

}  // namespace reqmail::scheduler
