// Decides who may send what to whom, for SMTP, QMTP and QMQP alike. The policy judges each
// phase of a session by a table with one check per row, from its settings and from the facts
// that the session passes. It does no input or output: a check that needs a fact which the
// session does not have returns a Question.
//
// The legal order of calls: judge() begins a phase. While the ruling is a Question, answer()
// must follow with the same facts. A Refusal, or Accepted after the last check, ends the phase.
// A new phase may begin at any time; it drops a question that was not answered.
//
// The first refusal decides, so the order of the rows decides which reason a client gets. One
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

// The values of spfbehavior from which on each result of SPF is refused.
inline constexpr std::uint64_t kSpfRefusesTrouble = 2;
inline constexpr std::uint64_t kSpfRefusesFail = 3;
inline constexpr std::uint64_t kSpfRefusesSoftfail = 4;
inline constexpr std::uint64_t kSpfRefusesNeutral = 5;
inline constexpr std::uint64_t kSpfRefusesAllButPass = 6;

// The questions to the DNS about clients that may not relay.
struct SenderCheckSettings {
  bool domain = false;          // mfcheck: the sender's domain must exist
  bool spf = false;             // SPF is checked, whether it may refuse or not
  std::uint64_t spf_level = 0;  // spfbehavior
  bool lists = false;           // dnsbllist
  // RBLSMTPD, which replaces the result of the lists.
  std::optional<ListVerdict> listed = std::nullopt;
};

// The lists of refused senders, recipients and HELO names. The "norelay" lists do not apply to
// clients that may relay.
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

// The checks of recipients that rcpthosts has accepted.
struct RecipientCheckSettings {
  // The sources in their order. They are not asked about clients that may relay.
  std::vector<RecipientSource> sources;
  bool defers_unsure = false;      // REALRCPTTO is 2
  bool refuses_for_now = false;    // RECIPIENTS450
  bool marks_chkuser = false;      // CHKUSER_IDENTIFY
  bool has_checker = false;        // RCPTCHECK
  bool checks_for_relays = false;  // RCPTCHECKRELAYCLIENT: all clients
};

// The settings of the policy. A limit of 0 means that there is none.
struct MailPolicySettings {
  std::uint64_t databytes = 0;
  std::uint64_t max_recipients = 0;
  DeniedPeers denied;
  std::optional<std::string> relay_suffix;  // RELAYCLIENT
  std::string client_ip = "unknown";        // for log lines
  std::uint64_t max_bad_recipients = 0;     // brtlimit
  bool null_senders_denied = false;         // rejectnullsenders
  bool tls_required = false;                // neither MAIL nor AUTH is allowed without TLS
  bool login_required = false;              // MAIL is not allowed before AUTH
  bool user_is_sender = false;              // MAIL may only name the address of the login
  SenderCheckSettings sender_checks;
  RecipientCheckSettings recipient_checks;
  std::string srs_domain;        // in A-labels; empty: there is no SRS
  bool content_filters = false;  // smtpdmilters
  bool policy_services = false;  // smtpdpolicy
};

// The facts that the session knows when it asks. The views must stay valid until the judgement
// is complete.
struct PolicyFacts {
  // These facts describe the client.
  bool encrypted = false;
  std::optional<std::string_view> user;  // the user name of its login
  bool certified = false;                // it has shown a listed certificate
  std::optional<std::string_view> verify_error;
  std::optional<std::string_view> helo;
  std::uint64_t bad_recipients = 0;  // in the session: unknown or unwanted recipients
  // These facts describe the transaction; the numbers do not include this recipient.
  // With smtputf8 the addresses have A-labels.
  std::string_view sender;
  std::optional<std::uint64_t> announced_size;
  std::string_view recipient;
  std::string_view parameters;  // those of MAIL or RCPT
  std::uint64_t recipients = 0;
  std::uint64_t envelope_size = 0;  // counted by its records
  // These facts describe the message, once all of it has come.
  bool too_many_hops = false;
  std::uint64_t message_size = 0;
  bool message_is_lost = false;  // there was no place to hold it
};

// `log` has the lines that the check writes to the log, whatever later checks decide.
struct Accepted {
  std::vector<std::string> log = {};
};

using Ruling = std::variant<Accepted, Refusal, Question>;

// One row of the table. While the function returns a Question, it is called again with the
// answers so far.
struct PolicyCheck {
  PolicyPhase phase;
  Ruling (*judge)(const MailPolicySettings& settings, const PolicyFacts& facts,
                  Answers answers);
};

// The checks of each protocol, in their order. QMTP and QMQP count refused recipients too, so
// they check the room in the envelope first.
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

  // Returns the log lines of the checks since the last call, in their order.
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

// Returns what is appended to every recipient of a client that may send to all domains, or
// nullopt if this client may not. After a login or with a listed certificate nothing is
// appended.
std::optional<std::string_view> relay_suffix(const MailPolicySettings& settings,
                                             const PolicyFacts& facts);

}  // namespace reqmail::proto
