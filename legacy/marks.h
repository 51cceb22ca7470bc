// The capabilities of an older qmail, and the texts by which its patches are recognised: a
// program contains the text if it has the patch, and no program of netqmail 1.06 contains it.
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace reqmail::legacy {

// A capability of the old programs on which other checks depend.
enum class Trait {
  reqmail,      // the programs are reqmail's
  sagredo,      // the combined patch of that name
  qregex,       // badmailfrom contains regular expressions
  server_tls,   // qmail-smtpd supports STARTTLS
  client_tls,   // qmail-remote supports STARTTLS
  server_auth,  // qmail-smtpd supports AUTH
  server_cram,  // qmail-smtpd supports CRAM-MD5 too
  // SMTPAUTH switches AUTH on; without this trait its arguments do
  auth_by_variable,
  // qmail-smtpd checks recipients with chkuser
  chkuser,
  // it does so only if CHKUSER_START is set
  chkuser_by_variable,
  forces_tls,   // qmail-smtpd refuses AUTH in clear unless it is configured otherwise
  client_auth,  // qmail-remote supports logins
  qmqp_queue    // qmail-queue is qmail-qmqpc (survey/mini_host.h)
};

struct Mark {
  std::string_view program;
  std::string_view text;
  // The name in the report; empty if the text only shows a trait.
  std::string_view patch;
  std::optional<Trait> trait = std::nullopt;
};

inline constexpr std::array kMarks = {
    Mark{"qmail-inject", "QMAILQUEUE", "QMAILQUEUE"},
    Mark{"qmail-local", "maildirsize", "Maildir++ quota"},
    Mark{"qmail-lspawn", "ldapserver", "qmail-ldap"},
    Mark{"qmail-queue", "control/taps", "taps"},
    Mark{"qmail-remote", "AUTH LOGIN", "SMTP AUTH for qmail-remote", Trait::client_auth},
    Mark{"qmail-remote", "AUTH PLAIN", "SMTP AUTH for qmail-remote", Trait::client_auth},
    Mark{"qmail-remote", "STARTTLS", "TLS", Trait::client_tls},
    Mark{"qmail-remote", "authsenders", "SMTP AUTH for qmail-remote", Trait::client_auth},
    Mark{"qmail-remote", "control/domainbindings", "outgoingip"},
    Mark{"qmail-remote", "control/moreipme", "moreipme"},
    Mark{"qmail-remote", "control/outgoingip", "outgoingip"},
    Mark{"qmail-remote", "control/qmtproutes", "QMTP in qmail-remote"},
    Mark{"qmail-remote", "control/tlsdestinations", "s/qmail"},
    Mark{"qmail-remote", "tlshosts/", "TLS", Trait::client_tls},
    Mark{"qmail-rspawn", "control/dkimdomains", "s/qmail"},
    Mark{"qmail-rspawn", "spawn-filter", "spawn-filter"},
    Mark{"qmail-send", "control/bouncemaxbytes", "bouncemaxbytes"},
    Mark{"qmail-send", "control/custombouncetext", "qmail-ldap"},
    Mark{"qmail-send", "double bounce: discarding", "doublebounce-trim"},
    Mark{"qmail-send", "control/concurrencysuppl", "channels"},
    Mark{"qmail-send", "control/suppls", "channels"},
    Mark{"qmail-send", "srs_domain", "SRS"},
    Mark{"qmail-smtpd", "(chkuser)", "chkuser", Trait::chkuser},
    Mark{"qmail-smtpd", "ALLOW_INSECURE_AUTH", "SMTP AUTH", Trait::forces_tls},
    Mark{"qmail-smtpd", "BADMIMETYPE", "spamcontrol"},
    Mark{"qmail-smtpd", "CHKUSER accepted", "chkuser", Trait::chkuser},
    Mark{"qmail-smtpd", "CHKUSER_RCPTLIMIT", "chkuser", Trait::chkuser},
    Mark{"qmail-smtpd", "CHKUSER_START", "chkuser", Trait::chkuser_by_variable},
    Mark{"qmail-smtpd", "CRAM-MD5", "", Trait::server_cram},
    Mark{"qmail-smtpd", "DISABLETLS", "TLS", Trait::server_tls},
    Mark{"qmail-smtpd", "FORCETLS", "TLS", Trait::forces_tls},
    Mark{"qmail-smtpd", "GREETDELAY", "greetdelay"},
    Mark{"qmail-smtpd", "LOGREGEX", "qregex", Trait::qregex},
    Mark{"qmail-smtpd", "RCPTCHECK", "RCPTCHECK"},
    Mark{"qmail-smtpd", "SMTPAUTH", "", Trait::auth_by_variable},
    Mark{"qmail-smtpd", "SMTPUTF8", "SMTPUTF8"},
    Mark{"qmail-smtpd", "STARTTLS", "TLS", Trait::server_tls},
    Mark{"qmail-smtpd", "VXNlcm5hbWU6", "SMTP AUTH", Trait::server_auth},
    Mark{"qmail-smtpd", "badhelo", "qregex", Trait::qregex},
    Mark{"qmail-smtpd", "badmailfromnorelay", "qregex", Trait::qregex},
    Mark{"qmail-smtpd", "badmailto", "qregex", Trait::qregex},
    Mark{"qmail-smtpd", "badrcptto", "badrcptto"},
    Mark{"qmail-smtpd", "brtlimit", "brtlimit"},
    Mark{"qmail-smtpd", "control/policy", "eMPF"},
    Mark{"qmail-smtpd", "dnsbllist", "dnsbl"},
    Mark{"qmail-smtpd", "indimail-mta", "indimail"},
    Mark{"qmail-smtpd", "mfcheck", "mfcheck"},
    Mark{"qmail-smtpd", "control/moreipme", "moreipme"},
    Mark{"qmail-smtpd", "qlogenvelope", "sagredo", Trait::sagredo},
    Mark{"qmail-smtpd", "control/rbllist", "qmail-ldap"},
    Mark{"qmail-smtpd", "control/relaymailfrom", "relaymailfrom"},
    Mark{"qmail-smtpd", "smtpplugins", "qmail-spp"},
    Mark{"qmail-smtpd", "spfbehavior", "SPF"},
    Mark{"qmail-smtpd", "tarpitcount", "tarpit"},
    Mark{"qmail-smtpd", "users/recipients", "recipients"},
    Mark{"qmail-smtpd", "validrcptto", "validrcptto"},
    Mark{"qmail-start", "qmail-todo", "ext-todo"},
};

// Programs that only one patch or fork has.
struct ForeignProgram {
  std::string_view name;
  std::string_view patch;
};

inline constexpr std::array kForeignPrograms = {
    ForeignProgram{"auth_imap", "qmail-ldap"},
    ForeignProgram{"auth_pop", "qmail-ldap"},
    ForeignProgram{"auth_smtp", "qmail-ldap"},
    ForeignProgram{"qmail-authuser", "s/qmail"},
    ForeignProgram{"qmail-dk", "DomainKeys"},
    ForeignProgram{"qmail-dkim", "DKIM"},
    ForeignProgram{"qmail-dksign", "s/qmail"},
    ForeignProgram{"qmail-dkverify", "s/qmail"},
    ForeignProgram{"qmail-ldaplookup", "qmail-ldap"},
    ForeignProgram{"qmail-newmvrt", "validrcptto"},
    ForeignProgram{"qmail-quotawarn", "qmail-ldap"},
    ForeignProgram{"qmail-todo", "ext-todo"},
    ForeignProgram{"spawn-filter", "spawn-filter"},
    ForeignProgram{"srsfilter", "SRS"},
    ForeignProgram{"srsforward", "s/qmail"},
    ForeignProgram{"srsreverse", "s/qmail"},
};

}  // namespace reqmail::legacy
