// Who may send what to whom: the one policy of SMTP, QMTP and QMQP. It knows settings and facts
// and judges each phase of a session by a list of checks; a check is one row of a table. It
// does not read or write. A check that needs to know something from outside returns a Question.
//
// The legal order of calls: judge() begins a phase. As long as a ruling is a Question, answer()
// follows with the same facts. A Refusal, or Accepted after the last check, ends the phase. A
// new phase may begin at any time; it drops a question that was not answered.
//
// The first refusal wins, so the order of the rows is the order in which clients are told. One
// check may ask several questions, one after the other, and sees all answers to them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "proto/deny_list.h"
#include "proto/question.h"
#include "proto/refusals.h"
#include "proto/sender_findings.h"

namespace reqmail::proto {

enum class PolicyPhase { connect, hello, auth, mail, rcpt, data, end_of_data };

// From these values of spfbehavior on a result of SPF is refused.
inline constexpr std::uint64_t kSpfRefusesTrouble = 2;
inline constexpr std::uint64_t kSpfRefusesFail = 3;
inline constexpr std::uint64_t kSpfRefusesSoftfail = 4;
inline constexpr std::uint64_t kSpfRefusesNeutral = 5;
inline constexpr std::uint64_t kSpfRefusesAllButPass = 6;

// What the DNS is asked about clients that may not relay.
struct SenderCheckSettings {
  bool domain = false;          // mfcheck: the sender's domain must exist
  bool spf = false;             // SPF is asked for, whether it refuses or not
  std::uint64_t spf_level = 0;  // spfbehavior
  bool lists = false;           // dnsbllist
  // RBLSMTPD: decides in the place of the lists.
  std::optional<ListVerdict> listed = std::nullopt;
};

// The lists of senders, recipients and HELO names that are refused; "norelay": not if the
// client may send to everybody.
struct DeniedPeers {
  DenyList senders;               // control/badmailfrom
  DenyList senders_norelay;       // control/badmailfromnorelay
  DenyList recipients;            // control/badrcptto
  DenyList recipients_norelay;    // control/badrcpttonorelay
  DenyList helo;                  // control/badhelo
  DenyList helo_norelay;          // control/badhelonorelay
  bool expressions = false;       // QREGEX: the lines are regular expressions
  bool lines_are_logged = false;  // LOGREGEX: the log names the line that refused
};

// How recipients are checked that rcpthosts has let in.
struct RecipientCheckSettings {
  // The sources, in their order; none is asked about a client that may relay.
  std::vector<RecipientSource> sources;
  bool defers_unsure = false;      // REALRCPTTO is 2
  bool refuses_for_now = false;    // RECIPIENTS450
  bool marks_chkuser = false;      // CHKUSER_IDENTIFY
  bool has_checker = false;        // RCPTCHECK
  bool checks_for_relays = false;  // RCPTCHECKRELAYCLIENT: the checker is for every client
};

// What it depends on beside the facts. A limit of 0 is none.
struct MailPolicySettings {
  std::uint64_t databytes = 0;
  std::uint64_t max_recipients = 0;
  DeniedPeers denied;
  std::optional<std::string> relay_suffix;  // RELAYCLIENT
  std::string client_ip = "unknown";        // for the lines of the log
  std::uint64_t max_bad_recipients = 0;     // brtlimit
  bool null_senders_denied = false;         // rejectnullsenders
  bool tls_required = false;                // no MAIL and no AUTH in clear
  bool login_required = false;              // no MAIL before AUTH
  bool user_is_sender = false;              // MAIL takes the address of the login only
  SenderCheckSettings sender_checks;
  RecipientCheckSettings recipient_checks;
  bool content_filters = false;  // smtpdmilters
  bool policy_services = false;  // smtpdpolicy
};

// What the session knows when it asks. The views live as long as the judgement.
struct PolicyFacts {
  // Of the client.
  bool encrypted = false;
  std::optional<std::string_view> user;  // of its login
  bool certified = false;                // has shown a listed certificate
  std::optional<std::string_view> verify_error;
  std::optional<std::string_view> helo;
  std::uint64_t bad_recipients = 0;  // of the session: how many do not exist or are unwanted
  // Of the transaction. The numbers are those before this recipient.
  std::string_view sender;
  std::optional<std::uint64_t> announced_size;
  std::string_view recipient;
  std::string_view parameters;  // of MAIL or RCPT
  std::uint64_t recipients = 0;
  std::uint64_t envelope_size = 0;  // of its records (mail::record_size)
  // Of the message, once it is there.
  bool too_many_hops = false;
  std::uint64_t message_size = 0;
  bool message_is_lost = false;  // it could not be held
};

// `log`: what is to be logged of the check, whatever the checks after it say.
struct Accepted {
  std::vector<std::string> log = {};
};

using Ruling = std::variant<Accepted, Refusal, Question>;

// One row. The function is called again with the answers for as long as it asks.
struct PolicyCheck {
  PolicyPhase phase;
  Ruling (*judge)(const MailPolicySettings& settings, const PolicyFacts& facts,
                  Answers answers);
};

// The checks of each protocol, in their order. QMTP and QMQP count the recipients that were
// offered, refused ones too, and so look at the room for them first.
std::span<const PolicyCheck> smtp_checks();
std::span<const PolicyCheck> qmtp_checks();
std::span<const PolicyCheck> qmqp_checks();

class MailPolicy {
 public:
  // `checks` must outlive the policy.
  MailPolicy(MailPolicySettings settings, std::span<const PolicyCheck> checks)
      : settings_(std::move(settings)), checks_(checks) {}

  [[nodiscard]] const MailPolicySettings& settings() const { return settings_; }

  Ruling judge(PolicyPhase phase, const PolicyFacts& facts);
  Ruling answer(Result<Answer> answer, const PolicyFacts& facts);

  // What the checks since the last call want to be logged, in their order.
  std::vector<std::string> take_log() { return std::exchange(log_, {}); }

 private:
  Ruling go_on(const PolicyFacts& facts);
  void add_to_log(std::vector<std::string>& lines);

  MailPolicySettings settings_;
  std::span<const PolicyCheck> checks_;
  PolicyPhase phase_ = PolicyPhase::connect;
  std::size_t next_ = 0;
  std::vector<Result<Answer>> answers_;
  std::vector<std::string> log_;
};

// What is appended to every recipient of a client that may send to all domains; nullopt if this
// client may not. After a login or with a listed certificate an address stays as it is.
std::optional<std::string_view> relay_suffix(const MailPolicySettings& settings,
                                             const PolicyFacts& facts);

}  // namespace reqmail::proto
