#include "mail/recipient_routes.h"

#include "base/text.h"
#include "mail/idna.h"

namespace reqmail::mail {

RecipientRoutes::RecipientRoutes(const Controls& controls)
    : utf8_(controls.utf8),
      envnoathost_(controls.envnoathost),
      percenthack_lines_(controls.percenthack) {
  replace(controls.locals, controls.virtualdomains, controls.utf8);
}

void RecipientRoutes::replace(const std::vector<std::string>& locals,
                              const std::vector<std::string>& virtualdomains, bool utf8) {
  utf8_ = utf8;
  percenthack_ = keys(percenthack_lines_);
  locals_ = keys(locals);
  virtualdomains_ = pairs(virtualdomains);
}

base::ConstMap RecipientRoutes::keys(const std::vector<std::string>& lines) const {
  return base::ConstMap::of_keys(utf8_ ? lines_in_a_labels(lines) : lines);
}

base::ConstMap RecipientRoutes::pairs(const std::vector<std::string>& lines) const {
  return base::ConstMap::of_pairs(utf8_ ? lines_in_a_labels(lines) : lines);
}

std::string_view RecipientRoutes::compared(std::string_view name, std::string& storage) const {
  if (!utf8_ || is_ascii(name)) {
    return name;
  }
  const std::size_t at = name.rfind('@') + 1;
  const auto domain = to_a_labels(name.substr(at));
  if (!domain) {
    return name;
  }
  storage = base::concat({name.substr(0, at), *domain});
  return storage;
}

RecipientRoute RecipientRoutes::route(std::string_view address) const {
  std::string storage;
  std::string recipient(address);
  if (address.find('@') == std::string_view::npos) {
    recipient = base::concat({address, "@", envnoathost_});
  }
  std::size_t at = recipient.rfind('@');
  while (percenthack_.contains(compared(std::string_view(recipient).substr(at + 1), storage))) {
    const std::size_t percent = std::string_view(recipient).substr(0, at).rfind('%');
    if (percent == std::string_view::npos) {
      break;
    }
    recipient.resize(at);
    recipient[percent] = '@';
    at = percent;
  }
  const std::string_view domain = std::string_view(recipient).substr(at + 1);
  if (locals_.contains(compared(domain, storage))) {
    return {true, recipient};
  }
  auto prepend = virtualdomains_.find(compared(recipient, storage));
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
  std::string storage;
  domain = compared(domain, storage);
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
