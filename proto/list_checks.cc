#include "proto/list_checks.h"

#include <utility>

#include "base/terminal_text.h"
#include "base/text.h"
#include "mail/address.h"

namespace reqmail::proto {

namespace {

// Returns the line that refuses something, from the list for everybody or from that for clients
// which may not relay.
std::optional<std::string_view> denying_line(const MailPolicySettings& settings,
                                             const PolicyFacts& facts, const DenyList& always,
                                             const DenyList& norelay, std::string_view what) {
  auto line = always.find(what);
  if (!line && !relay_suffix(settings, facts)) {
    line = norelay.find(what);
  }
  return line;
}

// Returns a refusal with its line for the log: "badrcptto: <WHAT> at IP" or, if that is
// configured, "badrcptto: <WHAT> matches pattern: LINE".
Refusal denied(RefusalKind kind, const MailPolicySettings& settings, std::string_view what,
               std::string_view line) {
  Refusal refused = refusal(kind);
  const bool named = settings.denied.lines_are_logged;
  refused.log.push_back(base::concat({refused.reason, ": <", base::peer_text(what), ">",
                                      named ? " matches pattern: " : " at ",
                                      base::peer_text(named ? line : settings.client_ip)}));
  return refused;
}

}  // namespace

Ruling helo_is_welcome(const MailPolicySettings& settings, const PolicyFacts& facts,
                       Answers /*answers*/) {
  if (!facts.helo) {
    return Accepted();
  }
  const auto line = denying_line(settings, facts, settings.denied.helo,
                                 settings.denied.helo_norelay, *facts.helo);
  return line ? Ruling(denied(RefusalKind::helo_denied, settings, *facts.helo, *line))
              : Ruling(Accepted());
}

Ruling sender_is_welcome(const MailPolicySettings& settings, const PolicyFacts& facts,
                         Answers /*answers*/) {
  if (facts.sender.empty()) {
    return Accepted();
  }
  const auto line = denying_line(settings, facts, settings.denied.senders,
                                 settings.denied.senders_norelay, facts.sender);
  if (!line) {
    return Accepted();
  }
  Refusal refused =
      denied(settings.denied.expressions ? RefusalKind::sender_denied : RefusalKind::bad_sender,
             settings, facts.sender, *line);
  // netqmail has only this list, and logs nothing.
  if (!settings.denied.expressions && !settings.denied.lines_are_logged &&
      settings.denied.senders.find(facts.sender)) {
    refused.log.clear();
  }
  return refused;
}

Ruling null_sender_is_welcome(const MailPolicySettings& settings, const PolicyFacts& facts,
                              Answers /*answers*/) {
  return settings.null_senders_denied && facts.sender.empty()
             ? Ruling(refusal(RefusalKind::null_sender_denied))
             : Ruling(Accepted());
}

Ruling client_is_not_guessing(const MailPolicySettings& settings, const PolicyFacts& facts,
                              Answers /*answers*/) {
  return settings.max_bad_recipients > 0 && facts.bad_recipients >= settings.max_bad_recipients
             ? Ruling(refusal(RefusalKind::too_many_bad_recipients))
             : Ruling(Accepted());
}

Ruling recipient_is_welcome(const MailPolicySettings& settings, const PolicyFacts& facts,
                            Answers /*answers*/) {
  const auto line = denying_line(settings, facts, settings.denied.recipients,
                                 settings.denied.recipients_norelay, facts.recipient);
  if (!line) {
    return Accepted();
  }
  Refusal refused = denied(RefusalKind::recipient_denied, settings, facts.recipient, *line);
  refused.bad_recipient = true;
  return refused;
}

Ruling recipient_has_no_control_characters(const MailPolicySettings& /*settings*/,
                                           const PolicyFacts& facts, Answers /*answers*/) {
  return mail::has_control_character(facts.recipient) ? Ruling(refusal(RefusalKind::malformed))
                                                      : Ruling(Accepted());
}

}  // namespace reqmail::proto
