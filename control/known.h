// The table of the control files that reqmail reads. qmail-showctl prints from it, programs
// take their defaults from it, and tools/check-docs compares control-doc/ and the manual pages
// with it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace reqmail::control {

enum class Kind {
  line,    // the value is the first line
  word,    // like line, but qmail-showctl shows it as a list, and not at all if it is absent
  number,  // the value is the number at the beginning of the first line
  list,    // one entry per line, without comments and blank lines
  table,   // a cdb, compiled from the list of the same name
  hidden,  // qmail-showctl shows only that it exists: keys, certificates, directories
};

// How the value of an absent file is determined.
enum class Fallback {
  none,     // there is no value, and the feature is off
  me,       // the value of control/me, and `fallback` if that is absent too
  fixed,    // `fallback` or `fallback_number`
  derived,  // it depends on other files: see control/derived.h
};

// When a change of a file takes effect.
enum class Effect {
  next_run,  // read each time a program starts, so a change affects new mail at once
  hangup,    // read by qmail-send when it starts and when it gets SIGHUP
  restart,   // read by qmail-send when it starts
};

struct KnownFile {
  std::string_view name;
  Kind kind;
  Fallback fallback_kind;
  std::string_view fallback;
  std::uint64_t fallback_number;
  Effect effect;
  std::string_view readers;  // programs, separated by blanks
  // The sentence of qmail-showctl: the text before and after the value or each entry.
  std::string_view before;
  std::string_view after;
  // The sentence of qmail-showctl for an absent list or number. If this is empty, an absent
  // list or hidden file is left out, and for an absent number its default is shown.
  std::string_view absent;
};

// The rows are in the order of qmail-showctl.
inline constexpr std::array kKnownFiles = {
    KnownFile{"badmailfrom", Kind::list, Fallback::none, "", 0, Effect::next_run, "qmail-smtpd",
              "", " not accepted in MAIL FROM.", "Any MAIL FROM is allowed."},
    KnownFile{"bouncefrom", Kind::line, Fallback::fixed, "MAILER-DAEMON", 0, Effect::restart,
              "qmail-send", "Bounce user name is ", ".", ""},
    KnownFile{"bouncehost", Kind::line, Fallback::me, "bouncehost", 0, Effect::restart,
              "qmail-send", "Bounce host name is ", ".", ""},
    KnownFile{"concurrencylocal", Kind::number, Fallback::fixed, "", 10, Effect::restart,
              "qmail-send", "Local concurrency is ", ".", ""},
    KnownFile{"concurrencyremote", Kind::number, Fallback::fixed, "", 20, Effect::restart,
              "qmail-rspawn qmail-send", "Remote concurrency is ", ".", ""},
    KnownFile{"databytes", Kind::number, Fallback::fixed, "", 0, Effect::next_run,
              "qmail-smtpd qmail-qmtpd", "SMTP DATA limit is ", " bytes.", ""},
    KnownFile{"defaultdomain", Kind::line, Fallback::me, "defaultdomain", 0, Effect::next_run,
              "qmail-inject", "Default domain name is ", ".", ""},
    KnownFile{"defaulthost", Kind::line, Fallback::me, "defaulthost", 0, Effect::next_run,
              "qmail-inject", "Default host name is ", ".", ""},
    KnownFile{"doublebouncehost", Kind::line, Fallback::me, "doublebouncehost", 0,
              Effect::restart, "qmail-send", "2B recipient host: ", ".", ""},
    KnownFile{"doublebounceto", Kind::line, Fallback::fixed, "postmaster", 0, Effect::restart,
              "qmail-send", "2B recipient user: ", ".", ""},
    KnownFile{"envnoathost", Kind::line, Fallback::me, "envnoathost", 0, Effect::restart,
              "qmail-send", "Presumed domain name is ", ".", ""},
    KnownFile{"helohost", Kind::line, Fallback::me, "", 0, Effect::next_run, "qmail-remote",
              "SMTP client HELO host name is ", ".", ""},
    KnownFile{"idhost", Kind::line, Fallback::me, "idhost", 0, Effect::next_run, "qmail-inject",
              "Message-ID host name is ", ".", ""},
    KnownFile{"localiphost", Kind::line, Fallback::me, "", 0, Effect::next_run, "qmail-smtpd",
              "Local IP address becomes ", ".", ""},
    KnownFile{"locals", Kind::list, Fallback::me, "", 0, Effect::hangup, "qmail-send",
              "Messages for ", " are delivered locally.",
              "Messages for me are delivered locally."},
    KnownFile{"me", Kind::line, Fallback::none, "", 0, Effect::next_run,
              "qmail-inject qmail-qmqpc qmail-qmtpd qmail-remote qmail-send qmail-smtpd",
              "My name is ", ".", ""},
    KnownFile{"percenthack", Kind::list, Fallback::none, "", 0, Effect::restart, "qmail-send",
              "The percent hack is allowed for user%host@", ".",
              "The percent hack is not allowed."},
    KnownFile{"plusdomain", Kind::line, Fallback::me, "plusdomain", 0, Effect::next_run,
              "qmail-inject", "Plus domain name is ", ".", ""},
    KnownFile{"qmqpservers", Kind::list, Fallback::none, "", 0, Effect::next_run, "qmail-qmqpc",
              "QMQP server: ", ".", "No QMQP servers."},
    KnownFile{"queuelifetime", Kind::number, Fallback::fixed, "", 604800, Effect::restart,
              "qmail-send", "Message lifetime in the queue is ", " seconds.", ""},
    KnownFile{"rcpthosts", Kind::list, Fallback::none, "", 0, Effect::next_run,
              "qmail-smtpd qmail-qmtpd", "SMTP clients may send messages to recipients at ",
              ".", "SMTP clients may send messages to any recipient."},
    KnownFile{"morercpthosts", Kind::list, Fallback::none, "", 0, Effect::next_run,
              "qmail-newmrh", "SMTP clients may send messages to recipients at ", ".",
              "No effect."},
    KnownFile{"morercpthosts.cdb", Kind::table, Fallback::none, "", 0, Effect::next_run,
              "qmail-smtpd qmail-qmtpd", "", "", "No effect."},
    KnownFile{"smtpgreeting", Kind::line, Fallback::me, "", 0, Effect::next_run, "qmail-smtpd",
              "SMTP greeting: 220 ", ".", ""},
    KnownFile{"smtproutes", Kind::list, Fallback::none, "", 0, Effect::next_run, "qmail-remote",
              "SMTP route: ", "", "No artificial SMTP routes."},
    KnownFile{"timeoutconnect", Kind::number, Fallback::fixed, "", 60, Effect::next_run,
              "qmail-remote", "SMTP client connection timeout is ", " seconds.", ""},
    KnownFile{"timeoutremote", Kind::number, Fallback::fixed, "", 1200, Effect::next_run,
              "qmail-remote", "SMTP client data timeout is ", " seconds.", ""},
    KnownFile{"timeoutsmtpd", Kind::number, Fallback::fixed, "", 1200, Effect::next_run,
              "qmail-smtpd", "SMTP server data timeout is ", " seconds.", ""},
    KnownFile{"virtualdomains", Kind::list, Fallback::none, "", 0, Effect::hangup, "qmail-send",
              "Virtual domain: ", "", "No virtual domains."},
    // From here on the files do not exist in netqmail.
    KnownFile{"arcseal", Kind::list, Fallback::none, "", 0, Effect::next_run,
              "qmail-sign qmail-remote", "ARC key by domain: ", "", ""},
    KnownFile{"arctrusted", Kind::list, Fallback::none, "", 0, Effect::next_run, "qmail-smtpd",
              "DMARC believes the ARC seals of ", ".", ""},
    KnownFile{"authresultsuser", Kind::number, Fallback::fixed, "", 0, Effect::next_run,
              "qmail-smtpd", "Showing users in Authentication-Results is ", " (0: off).", ""},
    KnownFile{"authsenders", Kind::list, Fallback::none, "", 0, Effect::next_run,
              "qmail-remote", "SMTP route by sender: ", "", ""},
    KnownFile{"authservid", Kind::line, Fallback::me, "", 0, Effect::next_run,
              "qmail-smtpd qmail-sign", "The name of this host in Authentication-Results is ",
              ".", ""},
    KnownFile{"badhelo", Kind::list, Fallback::none, "", 0, Effect::next_run, "qmail-smtpd", "",
              " not accepted as HELO name.", ""},
    KnownFile{"badhelonorelay", Kind::list, Fallback::none, "", 0, Effect::next_run,
              "qmail-smtpd", "", " not accepted as HELO name of clients that may not relay.",
              ""},
    KnownFile{"badmailfromnorelay", Kind::list, Fallback::none, "", 0, Effect::next_run,
              "qmail-smtpd", "", " not accepted in MAIL FROM of clients that may not relay.",
              ""},
    KnownFile{"badmailto", Kind::list, Fallback::none, "", 0, Effect::next_run, "qmail-smtpd",
              "", " not accepted in RCPT TO.", ""},
    KnownFile{"badmailtonorelay", Kind::list, Fallback::none, "", 0, Effect::next_run,
              "qmail-smtpd", "", " not accepted in RCPT TO of clients that may not relay.", ""},
    KnownFile{"badrcptto", Kind::list, Fallback::none, "", 0, Effect::next_run, "qmail-smtpd",
              "", " not accepted in RCPT TO.", ""},
    KnownFile{"badrcpttonorelay", Kind::list, Fallback::none, "", 0, Effect::next_run,
              "qmail-smtpd", "", " not accepted in RCPT TO of clients that may not relay.", ""},
    KnownFile{"bouncemaxbytes", Kind::number, Fallback::fixed, "", 0, Effect::hangup,
              "qmail-send", "Bounces have at most ", " bytes of a message (0: all).", ""},
    KnownFile{"bouncestyle", Kind::word, Fallback::none, "", 0, Effect::hangup, "qmail-send",
              "The style of bounces is ", ".", ""},
    KnownFile{"bouncesubject", Kind::word, Fallback::none, "", 0, Effect::hangup, "qmail-send",
              "The subject of bounces is ", ".", ""},
    KnownFile{"brtlimit", Kind::number, Fallback::fixed, "", 0, Effect::next_run, "qmail-smtpd",
              "SMTP clients are sent away after ", " bad recipients (0: never).", ""},
    KnownFile{"clientca.pem", Kind::hidden, Fallback::none, "", 0, Effect::next_run,
              "qmail-smtpd-tls", "The CAs of SMTP clients with certificates are here.", "", ""},
    KnownFile{"clientcert.pem", Kind::hidden, Fallback::none, "", 0, Effect::next_run,
              "qmail-remote-tls", "SMTP servers that ask get this certificate.", "", ""},
    KnownFile{"clientcrl.pem", Kind::hidden, Fallback::none, "", 0, Effect::next_run,
              "qmail-smtpd-tls", "SMTP clients' certificates are held against this list.", "",
              ""},
    KnownFile{"concurrencylocaluser", Kind::number, Fallback::derived, "", 0, Effect::restart,
              "qmail-lspawn", "Local concurrency of one user is ", " (0: no limit).", ""},
    KnownFile{"concurrencyremoteip", Kind::number, Fallback::derived, "", 0, Effect::restart,
              "qmail-rspawn", "Remote concurrency for one address is ", ".",
              "Remote concurrency for one address is half of the remote concurrency."},
    KnownFile{"dane", Kind::number, Fallback::fixed, "", 0, Effect::next_run,
              "qmail-remote qmail-remote-tls", "The use of TLSA records (DANE) is ",
              " (0: off).", ""},
    KnownFile{"danetrust", Kind::number, Fallback::fixed, "", 0, Effect::next_run,
              "qmail-remote qmail-remote-tls",
              "Trust in name servers on other hosts for TLSA records is ", " (0: off).", ""},
    KnownFile{"concurrencyremotedomains", Kind::list, Fallback::none, "", 0, Effect::hangup,
              "qmail-send", "Remote concurrency by domain: ", "", ""},
    KnownFile{"concurrencyremotereserve", Kind::number, Fallback::fixed, "", 0, Effect::hangup,
              "qmail-send",
              "Remote places that a domain which may hang leaves to others: ", " percent.", ""},
    KnownFile{"connectionidle", Kind::number, Fallback::fixed, "", 2, Effect::next_run,
              "qmail-rspawn", "A connection waits for its next message for ", " seconds.", ""},
    KnownFile{"connectionmessages", Kind::number, Fallback::fixed, "", 1, Effect::next_run,
              "qmail-rspawn", "Messages per connection to a server: ", ".", ""},
    KnownFile{"transactionrecipients", Kind::number, Fallback::fixed, "", 1, Effect::restart,
              "qmail-rspawn qmail-send", "Recipients per transaction to a server: ", ".", ""},
    KnownFile{"custombouncetext", Kind::hidden, Fallback::none, "", 0, Effect::hangup,
              "qmail-send", "A text for bounces is here.", "", ""},
    KnownFile{"delaywarning", Kind::number, Fallback::fixed, "", 14400, Effect::hangup,
              "qmail-send", "Senders who ask for it are told of a delay after ", " seconds.",
              ""},
    KnownFile{"dkimdomains", Kind::list, Fallback::none, "", 0, Effect::next_run,
              "qmail-sign qmail-remote", "DKIM keys by domain, as s/qmail names them: ", "",
              ""},
    KnownFile{"dkimkeys", Kind::list, Fallback::none, "", 0, Effect::next_run,
              "qmail-sign qmail-remote", "DKIM key by domain: ", "", ""},
    KnownFile{"dkimverify", Kind::number, Fallback::fixed, "", 0, Effect::next_run,
              "qmail-smtpd", "The verification of DKIM signatures is ", " (0: off).", ""},
    KnownFile{"dmarc", Kind::word, Fallback::none, "", 0, Effect::next_run, "qmail-smtpd",
              "The strictest DMARC policy that is carried out is ", ".", ""},
    KnownFile{"dmarcexempt", Kind::list, Fallback::none, "", 0, Effect::next_run, "qmail-smtpd",
              "DMARC spares ", ".", ""},
    KnownFile{"dmarcreportfrom", Kind::line, Fallback::none, "", 0, Effect::next_run,
              "qmail-dmarcreport", "Aggregate reports of DMARC come from ", ".", ""},
    KnownFile{"dmarcfailclosed", Kind::number, Fallback::fixed, "", 0, Effect::next_run,
              "qmail-smtpd", "Refusing mail while DMARC policies cannot be looked up is ",
              " (0: off).", ""},
    KnownFile{"domainkeys", Kind::hidden, Fallback::none, "", 0, Effect::next_run,
              "qmail-sign qmail-remote dknewkey",
              "Messages of domains that have a key here are signed.", "", ""},
    KnownFile{"dnsblcheck", Kind::list, Fallback::none, "", 0, Effect::next_run,
              "qmail-deliverability",
              "The addresses of this host should not be in the DNS list ", ".", ""},
    KnownFile{"dnsblfailclosed", Kind::number, Fallback::fixed, "", 0, Effect::next_run,
              "qmail-smtpd", "Refusing SMTP clients while DNS lists do not answer is ",
              " (0: off).", ""},
    KnownFile{"dnsbllist", Kind::list, Fallback::none, "", 0, Effect::next_run, "qmail-smtpd",
              "SMTP clients are looked up in the DNS list ", ".", ""},
    KnownFile{"domainbindings", Kind::list, Fallback::none, "", 0, Effect::next_run,
              "qmail-remote qmail-remote-tls",
              "SMTP connections for a sender come from its address: ", "", ""},
    KnownFile{"dsn", Kind::number, Fallback::fixed, "", 0, Effect::restart,
              "qmail-inject qmail-rspawn qmail-send qmail-smtpd",
              "Reports that senders ask for are ", " (0: off).", ""},
    KnownFile{"enhancedstatuscodes", Kind::number, Fallback::fixed, "", 0, Effect::next_run,
              "qmail-smtpd", "Enhanced status codes in SMTP replies are ", " (0: off).", ""},
    KnownFile{"foldlines", Kind::number, Fallback::fixed, "", 0, Effect::next_run,
              "qmail-remote qmail-remote-tls",
              "Folding of lines that are too long for SMTP is ", " (0: off).", ""},
    KnownFile{"filterargs", Kind::list, Fallback::none, "", 0, Effect::next_run, "spawn-filter",
              "Mail filter: ", "", ""},
    KnownFile{"helohostbyip", Kind::list, Fallback::none, "", 0, Effect::next_run,
              "qmail-remote qmail-remote-tls",
              "SMTP client HELO host name by address of this host: ", "", ""},
    KnownFile{"hideclient", Kind::number, Fallback::fixed, "", 0, Effect::next_run,
              "qmail-smtpd", "Hiding of SMTP clients that have logged in is ", " (0: off).",
              ""},
    KnownFile{"ipversions", Kind::word, Fallback::none, "", 0, Effect::next_run,
              "qmail-remote qmail-remote-tls qmail-smtpd",
              "Versions of IP for mail, preferred ones first: ", ".", ""},
    KnownFile{"mailauthsocket", Kind::word, Fallback::none, "", 0, Effect::next_run,
              "qmail-smtpd", "Senders and messages are judged by the qmail-mailauth at ", ".",
              ""},
    KnownFile{"maxrcpt", Kind::number, Fallback::fixed, "", 10'000, Effect::next_run,
              "qmail-smtpd", "SMTP recipient limit per message is ", ".", ""},
    KnownFile{"mfcheck", Kind::number, Fallback::fixed, "", 0, Effect::next_run, "qmail-smtpd",
              "The check that a sender's domain exists is ", " (0: off).", ""},
    KnownFile{"moreipme", Kind::list, Fallback::none, "", 0, Effect::next_run,
              "qmail-remote qmail-remote-tls qmail-smtpd", "The address ",
              " counts as one of this host.", ""},
    KnownFile{"morevalidrcptto", Kind::list, Fallback::none, "", 0, Effect::next_run,
              "qmail-newmvrt", "Valid recipient by qmail-newmvrt: ", "", ""},
    KnownFile{"morevalidrcptto.cdb", Kind::hidden, Fallback::none, "", 0, Effect::next_run,
              "qmail-smtpd", "More valid recipients are here.", "", ""},
    KnownFile{"notipme", Kind::list, Fallback::none, "", 0, Effect::next_run,
              "qmail-remote qmail-remote-tls qmail-smtpd", "The address ",
              " does not count as one of this host.", ""},
    KnownFile{"notlshosts", Kind::hidden, Fallback::none, "", 0, Effect::next_run,
              "qmail-remote qmail-remote-tls",
              "SMTP servers that are sent mail in clear are here.", "", ""},
    KnownFile{"outgoingip", Kind::list, Fallback::none, "", 0, Effect::next_run,
              "qmail-remote qmail-remote-tls", "SMTP connections come from ", ".", ""},
    KnownFile{"qregex", Kind::number, Fallback::fixed, "", 0, Effect::next_run, "qmail-smtpd",
              "Expressions in the lists of refused senders and recipients are ", " (0: off).",
              ""},
    KnownFile{"ratelimitremote", Kind::list, Fallback::none, "", 0, Effect::hangup,
              "qmail-send", "Remote deliveries by domain and time: ", "", ""},
    KnownFile{"rcptchecks", Kind::list, Fallback::none, "", 0, Effect::next_run,
              "qmail-rcptcheck", "Program that checks recipients: ", "", ""},
    KnownFile{"realrcptto", Kind::number, Fallback::fixed, "", 0, Effect::next_run,
              "qmail-smtpd", "Look-up of local recipients by SMTP servers is ", " (0: off).",
              ""},
    KnownFile{"recipients", Kind::list, Fallback::none, "", 0, Effect::next_run, "qmail-smtpd",
              "Recipients are checked by ", "", ""},
    KnownFile{"rejectnullsenders", Kind::number, Fallback::fixed, "", 0, Effect::next_run,
              "qmail-smtpd", "Refusal of the null sender is ", " (0: off).", ""},
    KnownFile{"retryschedule", Kind::list, Fallback::none, "", 0, Effect::hangup, "qmail-send",
              "Seconds between tries: ", "", ""},
    KnownFile{"servercert.pem", Kind::hidden, Fallback::none, "", 0, Effect::next_run,
              "qmail-popup qmail-popup-tls qmail-smtpd qmail-smtpd-tls",
              "STARTTLS is offered to SMTP clients; certificate and key are here.", "", ""},
    KnownFile{"servercerts", Kind::hidden, Fallback::none, "", 0, Effect::next_run,
              "qmail-popup qmail-smtpd-tls",
              "Certificates and keys by the name asked for are here.", "", ""},
    KnownFile{"smtpdlog", Kind::word, Fallback::none, "", 0, Effect::next_run, "qmail-smtpd",
              "SMTP sessions are logged: ", ".", ""},
    KnownFile{"spfbehavior", Kind::number, Fallback::fixed, "", 0, Effect::next_run,
              "qmail-smtpd", "The level of SPF checks is ", " (0: off).", ""},
    KnownFile{"spfexp", Kind::word, Fallback::none, "", 0, Effect::next_run,
              "qmail-mailauth qmail-smtpd", "SPF refusals without a domain's text say: ", "",
              ""},
    KnownFile{"spfguess", Kind::word, Fallback::none, "", 0, Effect::next_run,
              "qmail-mailauth qmail-smtpd", "The SPF record of domains without one is ", ".",
              ""},
    KnownFile{"spfrules", Kind::word, Fallback::none, "", 0, Effect::next_run,
              "qmail-mailauth qmail-smtpd", "SPF mechanisms of this host: ", "", ""},
    KnownFile{"timeoutdns", Kind::number, Fallback::fixed, "", 20, Effect::next_run,
              "qmail-mailauth qmail-smtpd", "The limit of look-ups for SMTP clients is ",
              " seconds.", ""},
    KnownFile{"tarpitcount", Kind::number, Fallback::fixed, "", 0, Effect::next_run,
              "qmail-smtpd", "SMTP clients wait after ", " recipients of a message (0: never).",
              ""},
    KnownFile{"tarpitdelay", Kind::number, Fallback::fixed, "", 5, Effect::next_run,
              "qmail-smtpd", "That wait is ", " seconds.", ""},
    KnownFile{"smtpdmilters", Kind::list, Fallback::none, "", 0, Effect::next_run,
              "qmail-smtpd", "Messages by SMTP pass through the milter ", ".", ""},
    KnownFile{"smtpdpolicy", Kind::list, Fallback::none, "", 0, Effect::next_run, "qmail-smtpd",
              "SMTP recipients are judged by the policy service ", ".", ""},
    KnownFile{"smtputf8", Kind::number, Fallback::fixed, "", 0, Effect::next_run,
              "qmail-newmrh qmail-newmvrt qmail-qmtpd qmail-remote qmail-send qmail-smtpd",
              "SMTPUTF8 is ", " (0: off).", ""},
    KnownFile{"srs_alwaysrewrite", Kind::number, Fallback::fixed, "", 0, Effect::next_run,
              "qmail-remote", "SRS of senders of our own domains is ", " (0: off).", ""},
    KnownFile{"srs_domain", Kind::line, Fallback::none, "", 0, Effect::next_run,
              "qmail-remote qmail-smtpd srsfilter qmail-srs",
              "Senders of forwarded mail are rewritten to ", ".", ""},
    KnownFile{"srs_hashlength", Kind::number, Fallback::fixed, "", 4, Effect::next_run,
              "qmail-remote qmail-smtpd srsfilter qmail-srs", "Hashes of SRS have ",
              " characters.", ""},
    KnownFile{"srs_hashmin", Kind::number, Fallback::fixed, "", 4, Effect::next_run,
              "qmail-smtpd srsfilter qmail-srs", "Hashes of SRS are accepted from ",
              " characters on.", ""},
    KnownFile{"srs_maxage", Kind::number, Fallback::fixed, "", 21, Effect::next_run,
              "qmail-smtpd srsfilter qmail-srs", "Addresses of SRS expire after ", " days.",
              ""},
    KnownFile{"srs_secrets", Kind::hidden, Fallback::none, "", 0, Effect::next_run,
              "qmail-remote qmail-smtpd srsfilter qmail-srs", "The secrets of SRS are here.",
              "", ""},
    KnownFile{"srs_separator", Kind::line, Fallback::fixed, "=", 0, Effect::next_run,
              "qmail-remote", "The separator after the tag of SRS is ", ".", ""},
    KnownFile{"timeoutlocal", Kind::number, Fallback::fixed, "", 0, Effect::restart,
              "qmail-lspawn", "Local delivery timeout is ", " seconds (0: none).", ""},
    KnownFile{"timeoutsession", Kind::number, Fallback::fixed, "", 86400, Effect::next_run,
              "qmail-remote", "SMTP client session timeout is ", " seconds.", ""},
    KnownFile{"tlscapath", Kind::word, Fallback::none, "", 0, Effect::next_run,
              "qmail-remote qmail-remote-tls",
              "The CAs of SMTP servers whose certificates are verified are in ", ".", ""},
    KnownFile{"tlsclientciphers", Kind::list, Fallback::none, "", 0, Effect::next_run,
              "qmail-remote-tls", "Ciphers of the TLS client: ", "", ""},
    KnownFile{"tlsclients", Kind::list, Fallback::none, "", 0, Effect::next_run,
              "qmail-smtpd-tls", "SMTP clients with a certificate of ",
              " may send to everybody.", ""},
    KnownFile{"tlshosts", Kind::hidden, Fallback::none, "", 0, Effect::next_run,
              "qmail-remote qmail-remote-tls", "SMTP servers that must speak TLS are here.", "",
              ""},
    KnownFile{"tlsminversion", Kind::line, Fallback::none, "", 0, Effect::next_run,
              "qmail-popup-tls qmail-smtpd-tls", "Oldest TLS of TLS servers: ", ".", ""},
    KnownFile{"tlspolicy", Kind::list, Fallback::none, "", 0, Effect::next_run,
              "qmail-remote qmail-remote-tls", "TLS policy for outgoing mail: ", "", ""},
    KnownFile{"tlspolicyfailopen", Kind::number, Fallback::fixed, "", 0, Effect::next_run,
              "qmail-remote qmail-remote-tls",
              "Sending mail while the TLS policy server does not answer is ", " (0: off).", ""},
    KnownFile{"tlspolicyserver", Kind::word, Fallback::none, "", 0, Effect::next_run,
              "qmail-remote qmail-remote-tls", "TLS policies for outgoing mail come from ", ".",
              ""},
    KnownFile{"tlsrptsocket", Kind::word, Fallback::none, "", 0, Effect::next_run,
              "qmail-remote qmail-remote-tls",
              "Results of TLS in outgoing mail are reported to ", ".", ""},
    KnownFile{"tlsserverciphers", Kind::list, Fallback::none, "", 0, Effect::next_run,
              "qmail-popup-tls qmail-smtpd-tls", "Ciphers of TLS servers: ", "", ""},
    KnownFile{"tlsticketkey", Kind::hidden, Fallback::none, "", 0, Effect::next_run,
              "qmail-popup-tls qmail-smtpd-tls",
              "TLS sessions are resumed; the keys for that are here.", "", ""},
    KnownFile{"validrcptto", Kind::list, Fallback::none, "", 0, Effect::next_run, "qmail-smtpd",
              "Valid recipient: ", "", ""},
    KnownFile{"validrcptto.cdb", Kind::hidden, Fallback::none, "", 0, Effect::next_run,
              "qmail-smtpd", "All valid recipients are here.", "", ""},
};

// These are not defined, so a constant expression that would call one of them does not compile.
void no_such_control_file();
void control_file_of_another_kind();

// Returns the index of a file in the table.
consteval std::size_t index_of(std::string_view name) {
  for (std::size_t index = 0; index < kKnownFiles.size(); ++index) {
    if (kKnownFiles[index].name == name) {
      return index;
    }
  }
  no_such_control_file();
  return 0;
}

consteval const KnownFile& known_file(std::string_view name) {
  return kKnownFiles[index_of(name)];
}

}  // namespace reqmail::control
