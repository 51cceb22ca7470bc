#include "smtpd/outside.h"

#include <cstddef>
#include <string>
#include <utility>
#include <variant>

#include "base/hex.h"
#include "smtpd/files.h"
#include "smtpd/srs_check.h"
#include "sys/secrets.h"

namespace reqmail::smtpd {

namespace {

Result<proto::Answer> random_word() {
  constexpr std::size_t kRandomBytes = 16;
  auto bytes = sys::random_bytes(kRandomBytes);
  if (!bytes) {
    return bytes.error();
  }
  proto::Answer answer;
  answer.word = base::hex(*bytes);
  return answer;
}

}  // namespace

Result<proto::Answer> Outside::answer(const proto::Question& question) {
  switch (question.about) {
  case proto::Question::About::own_address:
    return is_own(question.address);
  case proto::Question::About::listed_domain:
    return is_listed(question.domain);
  case proto::Question::About::random_word:
    return random_word();
  case proto::Question::About::srs_address:
    return srs_answer(question.mailbox, question.sender);
  case proto::Question::About::tls_offered:
  case proto::Question::About::recipient:
  case proto::Question::About::checker:
  case proto::Question::About::sender:
  case proto::Question::About::filters_on_sender:
  case proto::Question::About::filters_on_recipient:
  case proto::Question::About::filters_on_data:
  case proto::Question::About::services_on_recipient:
  case proto::Question::About::services_at_last:
    break;
  }
  return proto::Answer();
}

// The addresses of the interfaces are read only when a client first uses an address literal.
Result<proto::Answer> Outside::is_own(const base::IpAddress& address) {
  if (!own_addresses_) {
    auto found = net::LocalAddresses::of_this_host(corrections_);
    if (!found) {
      return temporary("unable to figure out my IP addresses (#4.3.0)", found.error().error);
    }
    own_addresses_ = std::move(*found);
  }
  return proto::Answer{.yes = own_addresses_->contains(address)};
}

Result<proto::Answer> Outside::is_listed(std::string_view domain) {
  if (rcpthosts_ == nullptr) {
    return proto::Answer{.yes = true};
  }
  const auto listed = rcpthosts_->accepts(domain);
  if (!listed) {
    return smtpd_controls_unreadable();
  }
  return proto::Answer{.yes = *listed};
}

std::optional<proto::Refusal> judge(proto::MailPolicy& policy, proto::PolicyPhase phase,
                                    const proto::PolicyFacts& facts, Outside& outside) {
  proto::Ruling ruling = policy.judge(phase, facts);
  while (const auto* question = std::get_if<proto::Question>(&ruling)) {
    ruling = policy.answer(outside.answer(*question), facts);
  }
  if (auto* refused = std::get_if<proto::Refusal>(&ruling)) {
    return std::move(*refused);
  }
  return std::nullopt;
}

}  // namespace reqmail::smtpd
