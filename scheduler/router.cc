#include "scheduler/router.h"

#include <optional>

#include "base/text.h"
#include "mail/address.h"

namespace reqmail::scheduler {

namespace {

constexpr std::string_view kVerpEnd = "-@[]";

}  // namespace

Router::Router(const Controls& controls)
    : envnoathost_(controls.envnoathost),
      percenthack_(base::ConstMap::of_keys(controls.percenthack)) {
  replace(controls.locals, controls.virtualdomains);
}

void Router::replace(const std::vector<std::string>& locals,
                     const std::vector<std::string>& virtualdomains) {
  locals_ = base::ConstMap::of_keys(locals);
  virtualdomains_ = base::ConstMap::of_pairs(virtualdomains);
}

Route Router::route(std::string_view address) const {
  std::string recipient(address);
  if (address.find('@') == std::string_view::npos) {
    recipient = base::concat({address, "@", envnoathost_});
  }
  std::size_t at = recipient.rfind('@');
  while (percenthack_.contains(std::string_view(recipient).substr(at + 1))) {
    const std::size_t percent = std::string_view(recipient).substr(0, at).rfind('%');
    if (percent == std::string_view::npos) {
      break;
    }
    recipient.resize(at);
    recipient[percent] = '@';
    at = percent;
  }
  const std::string_view domain = std::string_view(recipient).substr(at + 1);
  if (locals_.contains(domain)) {
    return Route{Channel::local, recipient};
  }
  auto prepend = virtualdomains_.find(recipient);
  if (!prepend) {
    prepend = virtual_domain(domain);
  }
  if (prepend && !prepend->empty()) {
    return Route{Channel::local, base::concat({*prepend, "-", recipient})};
  }
  return Route{Channel::remote, recipient};
}

std::optional<std::string_view> Router::virtual_domain(std::string_view domain) const {
  if (virtualdomains_.empty()) {
    return std::nullopt;
  }
  if (const auto value = virtualdomains_.find(domain)) {
    return value;
  }
  for (std::size_t i = 1; i < domain.size(); ++i) {
    if (domain[i] == '.') {
      if (const auto value = virtualdomains_.find(domain.substr(i))) {
        return value;
      }
    }
  }
  return virtualdomains_.find({});
}

std::string_view Router::without_prepend(std::string_view recipient) const {
  const mail::AddressParts parts = mail::split_address(recipient);
  if (!parts.has_domain) {
    return recipient;
  }
  const auto prepend = virtual_domain(parts.domain);
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
