#include "mail/recipient_routes.h"

#include <utility>

#include "base/ascii.h"
#include "base/text.h"
#include "mail/idna.h"

namespace reqmail::mail {

namespace {

// Whether a domain has U-labels, as they are or as A-labels.
bool has_u_labels(std::string_view domain) {
  return !is_ascii(domain) || base::lower(domain).find("xn--") != std::string::npos;
}

}  // namespace

RecipientRoutes::RecipientRoutes(const Controls& controls)
    : utf8_(controls.utf8),
      envnoathost_(controls.envnoathost),
      percenthack_lines_(controls.percenthack) {
  replace(controls.locals, controls.virtualdomains, controls.utf8);
}

void RecipientRoutes::replace(const std::vector<std::string>& locals,
                              const std::vector<std::string>& virtualdomains, bool utf8) {
  utf8_ = utf8;
  bool unsure = false;
  percenthack_ = base::ConstMap::of_keys(converted(percenthack_lines_, unsure));
  locals_ = base::ConstMap::of_keys(converted(locals, unsure));
  virtualdomains_ = base::ConstMap::of_pairs(converted(virtualdomains, unsure));
  unconverted_ = unsure ? std::optional(Lines{locals, virtualdomains}) : std::nullopt;
}

void RecipientRoutes::convert_again() {
  if (unconverted_) {
    const Lines lines = *std::move(unconverted_);
    replace(lines.locals, lines.virtualdomains, utf8_);
  }
}

std::vector<std::string> RecipientRoutes::converted(const std::vector<std::string>& lines,
                                                    bool& unsure) const {
  if (!utf8_ || unsure) {
    return lines;
  }
  auto found = find_lines_in_a_labels(lines);
  unsure = !found;
  return found ? *std::move(found) : lines;
}

void RecipientRoutes::compare(std::string_view name, Compared& key) const {
  key.text = name;
  if (!utf8_ || is_ascii(name)) {
    return;
  }
  const std::size_t at = name.rfind('@') + 1;
  const auto domain = find_a_labels(name.substr(at));
  if (domain) {
    key.storage = base::concat({name.substr(0, at), *domain});
    key.text = key.storage;
  } else {
    key.unsure = domain.error().permanence == Permanence::temporary;
  }
}

RecipientRoute RecipientRoutes::route(std::string_view address) const {
  std::string recipient(address);
  if (address.find('@') == std::string_view::npos) {
    recipient = base::concat({address, "@", envnoathost_});
  }
  std::size_t at = recipient.rfind('@');
  Compared key;
  compare(std::string_view(recipient).substr(at + 1), key);
  while (!key.unsure && percenthack_.contains(key.text)) {
    const std::size_t percent = std::string_view(recipient).substr(0, at).rfind('%');
    if (percent == std::string_view::npos) {
      break;
    }
    recipient.resize(at);
    recipient[percent] = '@';
    at = percent;
    compare(std::string_view(recipient).substr(at + 1), key);
  }
  if (key.unsure) {
    return {false, recipient, true};
  }
  const std::string domain(key.text);
  if (locals_.contains(domain)) {
    return {true, recipient};
  }
  if (unconverted_ && has_u_labels(domain)) {
    return {false, recipient, true};
  }
  auto prepend = virtualdomains_.find(
      base::concat({std::string_view(recipient).substr(0, at + 1), domain}));
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
  Compared key;
  compare(domain, key);
  domain = key.text;
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
