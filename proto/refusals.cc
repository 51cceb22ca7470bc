#include "proto/refusals.h"

#include "base/number.h"
#include "base/text.h"
#include "mail/verdict_codec.h"

namespace reqmail::proto {

namespace {

enum class Session { goes_on, ends };

struct Row {
  RefusalKind kind;
  unsigned code;
  std::string_view text;
  std::string_view status;
  std::string_view reason = {};
  Session session = Session::goes_on;
};

using Kind = RefusalKind;

constexpr Row kRows[] = {
    {Kind::none, 250, "ok", {}},
    {Kind::no_answer, 421, {}, {}, {}, Session::ends},

    {Kind::malformed, 501, "malformed command", " (#5.5.2)", "syntax"},
    {Kind::bad_parameter, 501, "bad parameter", " (#5.5.4)", "syntax"},
    {Kind::address_too_long, 555, "syntax error", " (#5.5.4)", "syntax"},
    {Kind::smtputf8_not_said, 553, "non-ASCII address without SMTPUTF8", " (#5.6.7)", "utf8"},
    {Kind::not_utf8, 553, "address is not valid UTF-8", " (#5.6.7)", "utf8"},
    {Kind::no_such_u_label, 553, "sorry, there can be no domain of that name", " (#5.1.2)",
     "utf8"},
    {Kind::u_label_unsure, 451, "unable to check that domain", " (#4.3.0)", "utf8"},
    {Kind::bad_sender, 553, "sorry, your envelope sender is in my badmailfrom list",
     " (#5.7.1)", "badmailfrom"},
    {Kind::not_listed, 553, "sorry, that domain isn't in my list of allowed rcpthosts",
     " (#5.7.1)", "rcpthosts"},
    {Kind::too_many_recipients, 452, "too many recipients", " (#4.5.3)", "maxrcpt"},
    {Kind::sender_denied, 553, "sorry, your envelope sender has been denied", " (#5.7.1)",
     "badmailfrom"},
    {Kind::recipient_denied, 553, "sorry, your envelope recipient has been denied", " (#5.7.1)",
     "badrcptto"},
    {Kind::helo_denied, 553, "sorry, your HELO host name has been denied", " (#5.7.1)",
     "badhelo"},
    {Kind::null_sender_denied, 421, "null senders temporarily denied", " (#4.3.0)",
     "nullsender", Session::ends},
    {Kind::too_many_bad_recipients, 421, "too many invalid addresses, goodbye", " (#4.3.0)",
     "brtlimit", Session::ends},
    {Kind::early_talker, 554, "SMTP protocol violation", {}, "pregreet", Session::ends},
    {Kind::not_in_validrcptto, 553, "sorry, this recipient is not in my validrcptto list",
     " (#5.7.1)", "validrcptto"},
    {Kind::not_in_recipients, 550, "sorry, no mailbox here by that name", " (#5.1.1)",
     "recipients"},
    {Kind::no_mailbox, 550, "sorry, no mailbox here by that name", " (#5.1.1)", "nomailbox"},
    {Kind::recipient_unsure, 451, "unable to check recipient", " (#4.3.0)", "nomailbox"},
    {Kind::checker_refused, 550, "sorry, no mailbox here by that name.", " (#5.1.1)",
     "rcptcheck"},
    {Kind::checker_unsure, 421, "unable to verify recipient", " (#4.3.0)", "rcptcheck",
     Session::ends},
    {Kind::checker_not_run, 421, "unable to execute recipient check", " (#4.3.0)", "rcptcheck",
     Session::ends},
    {Kind::checker_over_limit, 421, "you have exceeded your messaging limits", " (#4.3.0)",
     "rcptcheck", Session::ends},
    {Kind::checker_nonsense, 451, "temporary problem", " (#4.4.2)", "rcptcheck"},
    {Kind::srs_not_valid, 550, "sorry, that SRS address is not valid", " (#5.1.1)", "srs"},
    {Kind::srs_expired, 550, "sorry, that SRS address has expired", " (#5.1.1)", "srs"},
    {Kind::srs_for_bounces, 550, "sorry, that SRS address takes bounces only", " (#5.7.1)",
     "srs"},
    // The blank at the end is part of the text.
    {Kind::login_first, 530, "Authorization required", " (#5.7.1) ", "auth"},
    {Kind::not_the_user, 503, "from and auth not the same", " (#5.5.1)", "sender"},
    {Kind::tls_first, 530, "Must issue a STARTTLS command first", " (#5.7.0)", "tls"},
    {Kind::no_such_sender_domain, 553, "sorry, your envelope sender domain must exist",
     " (#5.7.1)", "mfcheck"},
    {Kind::sender_domain_refuses_mail, 550,
     "sorry, your envelope sender domain accepts no mail", " (#5.7.27)", "mfcheck"},
    {Kind::sender_domain_unknown, 451, "DNS temporary failure", " (#4.3.0)", "mfcheck"},
    {Kind::spf_unknown, 451, "SPF lookup failure", " (#4.3.0)", "spf"},
    // The domain, the list or the host gives the text for each of these.
    {Kind::spf_refused, 550, {}, " (#5.7.1)", "spf"},
    {Kind::listed_for_now, 451, {}, {}, "rbl"},
    {Kind::listed, 553, {}, {}, "rbl"},
    {Kind::unfit_sender, 553, "unacceptable sender", " (#5.1.7)"},
    {Kind::unfit_recipient, 553, "sorry, I can't handle that recipient", " (#5.1.3)"},
    {Kind::unfit_address, 553, "sorry, I can't accept addresses like that", " (#5.1.3)"},
    // QMQP has one verdict for all recipients, and another try would have as many: so it is
    // permanent.
    {Kind::too_many_for_one_answer, 554, "sorry, too many recipients", " (#5.5.3)"},

    // The filter or service may give another code and text.
    {Kind::filtered, 550, "rejected by a content filter", " (#5.7.1)", "milter"},
    {Kind::filter_defers, 451, "content filter asks to try again", " (#4.3.0)", "milter"},
    {Kind::policy_unavailable, 451, "policy service unavailable", " (#4.3.0)", "policy"},

    {Kind::too_large, 552, "sorry, that message size exceeds my databytes limit", " (#5.3.4)",
     "size"},
    {Kind::looping, 554, "too many hops, this message is looping", " (#5.4.6)", "hops"},
    // The text is made for each refusal, since it names the domain.
    {Kind::dmarc_rejects, 550, {}, " (#5.7.1)", "dmarc"},
    {Kind::no_single_author, 550, "sorry, the message has no single author domain", " (#5.7.1)",
     "dmarc"},
    {Kind::malformed_author, 550, "sorry, the From field of the message is malformed",
     " (#5.7.1)", "dmarc"},
    {Kind::dmarc_unknown, 451, "DMARC lookup failure", " (#4.3.0)", "dmarc"},
    {Kind::no_queue, 451, "qqt failure", " (#4.3.0)"},
    {Kind::not_held, 451, "unable to hold message", " (#4.3.0)", "queue"},
    {Kind::bare_line_feed,
     451,
     "See http://pobox.com/~djb/docs/smtplf.html.",
     {},
     {},
     Session::ends},

    {Kind::mail_first, 503, "MAIL first", " (#5.5.1)"},
    {Kind::recipient_first, 503, "RCPT first", " (#5.5.1)"},
    {Kind::no_tls_in_transaction, 503, "no TLS during mail transaction", " (#5.5.1)"},
    {Kind::no_tls_after_login, 503, "no TLS after auth", " (#5.5.1)"},
    {Kind::no_login_in_transaction, 503, "no auth during mail transaction", " (#5.5.0)"},

    {Kind::unknown_command, 502, "unimplemented", " (#5.5.1)"},
    {Kind::too_many_unknown_commands, 421, "too many errors", " (#4.7.0)", {}, Session::ends},
    {Kind::http_request,
     554,
     "this is a mail server, HTTP is not spoken here",
     " (#5.5.1)",
     {},
     Session::ends},
    {Kind::line_too_long, 500, "line too long", " (#5.5.6)", {}, Session::ends},
    {Kind::no_parameters, 501, "Syntax error (no parameters allowed)", " (#5.5.4)"},
    {Kind::timed_out, 451, "timeout", " (#4.4.2)", {}, Session::ends},

    {Kind::login_line_too_long, 500, "auth line too long", " (#5.5.6)", {}, Session::ends},
    {Kind::login_unavailable, 503, "auth not available", " (#5.3.3)"},
    {Kind::login_needs_tls, 538, "auth not available without TLS", " (#5.3.3)"},
    {Kind::logged_in_already, 503, "you're already authenticated", " (#5.5.0)"},
    {Kind::unknown_mechanism, 504, "auth type invalid", " (#5.5.1)"},
    {Kind::no_random_word, 454, "oops, no random numbers and I can't auth", " (#4.3.0)"},
    {Kind::login_cancelled, 501, "auth exchange canceled", " (#5.0.0)"},
    {Kind::login_malformed, 501, "malformed auth input", " (#5.5.4)"},
    {Kind::login_refused, 535, "authentication failed", " (#5.7.1)"},
    {Kind::login_trouble, 454, "oops, the checker had trouble and I can't auth", " (#4.3.0)"},
    {Kind::too_many_logins, 421, "too many failures", " (#4.7.0)", {}, Session::ends},
};

// refusal() uses the kind as an index.
constexpr bool rows_are_in_order() {
  std::size_t place = 0;
  for (const Row& row : kRows) {
    if (row.kind != static_cast<Kind>(place++)) {
      return false;
    }
  }
  return place == static_cast<std::size_t>(Kind::too_many_logins) + 1;
}

static_assert(rows_are_in_order());

}  // namespace

Refusal refusal(RefusalKind kind, std::string_view note) {
  const Row& row = kRows[static_cast<std::size_t>(kind)];
  return {kind, row.code, base::concat({row.text, note, row.status}), row.reason,
          row.session == Session::ends};
}

Refusal refusal_for(const Failure& failure) {
  return refusal(RefusalKind::no_answer, failure.text);
}

std::string smtp_reply_line(const Refusal& refusal) {
  const std::string code = base::decimal(refusal.code);
  std::string reply;
  std::string_view rest = refusal.text;
  for (std::size_t end = rest.find('\n'); end != std::string_view::npos;
       end = rest.find('\n')) {
    reply += base::concat({code, "-", rest.substr(0, end), "\r\n"});
    rest.remove_prefix(end + 1);
  }
  return reply + base::concat({code, " ", rest, "\r\n"});
}

std::string frame_verdict(const Refusal& refusal) {
  const mail::Grade grade = mail::smtp_grade(static_cast<int>(refusal.code));
  return mail::report(grade == mail::Grade::success ? mail::Grade::permanent : grade,
                      refusal.text);
}

}  // namespace reqmail::proto
