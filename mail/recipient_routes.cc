#include "mail/recipient_routes.h"

#include "base/text.h"

namespace reqmail::mail {

RecipientRoutes::RecipientRoutes(const Controls& controls)
    : envnoathost_(controls.envnoathost),
      percenthack_(base::ConstMap::of_keys(controls.percenthack)) {
  replace(controls.locals, controls.virtualdomains);
}

void RecipientRoutes::replace(const std::vector<std::string>& locals,
                              const std::vector<std::string>& virtualdomains) {
  locals_ = base::ConstMap::of_keys(locals);
  virtualdomains_ = base::ConstMap::of_pairs(virtualdomains);
}

RecipientRoute RecipientRoutes::route(std::string_view address) const {
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
    return {true, recipient};
  }
  auto prepend = virtualdomains_.find(recipient);
  if (!prepend) {
    prepend = virtual_domain(domain);
  }
  if (prepend && !prepend->empty()) {
    return {true, base::concat({*prepend, "-", recipient})};
  }
  return {false, recipient};
}

std::optional<std::string_view> RecipientRoutes::virtual_domain(std::string_view domain) const {
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

}  // namespace reqmail::mail
