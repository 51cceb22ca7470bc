#include "submit/inject_wishes.h"

#include <utility>

#include "base/text.h"

namespace reqmail::submit {

InjectWishes parse_wishes(std::string_view words) {
  InjectWishes wishes;
  for (const std::string_view word : base::split(words, ' ')) {
    const std::size_t equals = word.find('=');
    const std::string_view name = word.substr(0, equals);
    const std::string_view value =
        equals == std::string_view::npos ? std::string_view() : word.substr(equals + 1);
    if (name == "RET") {
      wishes.request.returns = mail::parse_dsn_return(value).value_or(mail::DsnReturn::unsaid);
    } else if (name == "ENVID" && mail::is_envelope_id(value)) {
      wishes.request.envelope_id = value;
    } else if (name == "NOTIFY") {
      wishes.notify = mail::parse_dsn_notify(value);
    }
  }
  return wishes;
}

std::string wishes_text(InjectWishes wishes, const std::vector<std::string>& recipients) {
  for (const std::string& recipient : recipients) {
    if (wishes.notify) {
      wishes.request.recipients.push_back({recipient, wishes.notify, {}});
    }
  }
  if (wishes.request.empty()) {
    return {};
  }
  std::string text = mail::dsn_text(wishes.request);
  return text.size() > mail::kDsnTextMax ? std::string() : text;
}

}  // namespace reqmail::submit
