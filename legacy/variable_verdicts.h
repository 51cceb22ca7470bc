// Environment variables of the patches, as they appear in run scripts and tcp rules.
#pragma once

#include <array>
#include <string_view>

#include "legacy/control_verdicts.h"
#include "legacy/severity.h"

namespace reqmail::legacy {

struct VariableVerdict {
  // A variable name; '*' at its end matches any text.
  std::string_view name;
  // The origin; empty if reqmail or the listener honours the variable.
  std::string_view origin;
  Severity severity;
  std::string_view text;
  std::string_view action;
  // The values that switch it off: 0, or (no_lines) the empty one.
  OffWhen off = OffWhen::never;
};

// The first row that matches counts. Variables in scripts that match no row belong to other
// programs.
inline constexpr std::array kVariableVerdicts = {
    VariableVerdict{"ALLOW_INSECURE_AUTH", "", Severity::harmless, "", ""},
    VariableVerdict{"AUTHPREPEND", "qmail-ldap", Severity::note,
                    "it is not put in front of users' names", ""},
    VariableVerdict{"AUTHREQUIRED", "qmail-ldap", Severity::loss, "AUTH will not be demanded",
                    "set REQUIRE_AUTH=1"},
    VariableVerdict{"AUTH_CDB", "jms1's auth.cdb", Severity::loss,
                    "logins in that database will not be known",
                    "give a checker as argument, and SMTPAUTH"},
    VariableVerdict{"BADLOADERTYPE", "spamcontrol", Severity::harmless, "is obsolete", ""},
    VariableVerdict{"BADMIMETYPE", "spamcontrol", Severity::harmless, "is obsolete", ""},
    VariableVerdict{"BLOCKRELAYPROBE", "qmail-ldap", Severity::loss,
                    "recipients with a second @, % or ! will be accepted", ""},
    VariableVerdict{"BRTLIMIT", "", Severity::harmless, "", ""},
    VariableVerdict{"CHKUSER_START", "", Severity::harmless, "", ""},
    VariableVerdict{"CHKUSER_IDENTIFY", "", Severity::harmless, "", ""},
    VariableVerdict{"CHKUSER_*", "chkuser", Severity::note,
                    "CHKUSER_START and CHKUSER_IDENTIFY alone are read", ""},
    VariableVerdict{"DATABYTES", "", Severity::harmless, "", ""},
    VariableVerdict{"DENY_TLS", "jms1's patches", Severity::note,
                    "STARTTLS is offered where control/servercert.pem is there",
                    "set DISABLETLS=1", OffWhen::zero},
    VariableVerdict{"DISABLETLS", "", Severity::harmless, "", ""},
    VariableVerdict{"DISABLE_BADMAILFROM", "", Severity::harmless, "", ""},
    VariableVerdict{"DISABLE_MAXRCPT", "", Severity::harmless, "", ""},
    VariableVerdict{"DKIMQUEUE", "DKIM", Severity::harmless, "is for the program in QMAILQUEUE",
                    ""},
    VariableVerdict{"DKIM*", "DKIM", Severity::note,
                    "it is for a program in QMAILQUEUE or QMAILREMOTE; where none is named, "
                    "nothing signs or verifies",
                    ""},
    VariableVerdict{"DKQUEUE", "DomainKeys", Severity::harmless,
                    "is for the program in QMAILQUEUE", ""},
    VariableVerdict{"DKSIGN", "DomainKeys", Severity::note, "nothing signs without QMAILQUEUE",
                    ""},
    VariableVerdict{"DKVERIFY", "DomainKeys", Severity::note,
                    "nothing verifies without QMAILQUEUE", ""},
    VariableVerdict{"DNSBLFAILCLOSED", "", Severity::harmless, "", ""},
    VariableVerdict{"DNSBLLIST", "", Severity::harmless, "", ""},
    VariableVerdict{"DNSBLSKIP", "", Severity::harmless, "", ""},
    VariableVerdict{"DROPRUSHGREET", "", Severity::harmless, "", ""},
    VariableVerdict{"DROP_PRE_GREET", "", Severity::harmless, "", ""},
    VariableVerdict{"ENABLE_SPP", "qmail-spp", Severity::loss, "the plugins will not be run",
                    "", OffWhen::zero},
    VariableVerdict{"ERROR_FD", "DKIM", Severity::harmless,
                    "is for a program in QMAILQUEUE or QMAILREMOTE", ""},
    VariableVerdict{"EXCLUDE_DKIMSIGN", "DKIM", Severity::harmless,
                    "is for a program in QMAILQUEUE or QMAILREMOTE", ""},
    VariableVerdict{"FORCEAUTHMAILFROM", "", Severity::harmless, "", ""},
    VariableVerdict{"FORCETLS", "", Severity::harmless, "", ""},
    VariableVerdict{"FORCE_TLS", "indimail", Severity::loss, "TLS will not be demanded", "",
                    OffWhen::zero},
    VariableVerdict{"GREETDELAY", "", Severity::harmless, "", ""},
    VariableVerdict{"HELOCHECK", "s/qmail", Severity::loss, "HELO names will not be checked",
                    ""},
    VariableVerdict{"HIDE_HOST", "indimail", Severity::note, "Received names the client's host",
                    ""},
    VariableVerdict{"LOCALMFCHECK", "s/qmail", Severity::loss, "senders will not be checked",
                    ""},
    VariableVerdict{"LOGREGEX", "", Severity::harmless, "", ""},
    VariableVerdict{"MAXRCPT", "maxrcpt", Severity::note,
                    "recipients are limited by control/maxrcpt alone",
                    "write the number into control/maxrcpt", OffWhen::zero},
    VariableVerdict{"MAXRCPTCOUNT", "qmail-ldap", Severity::note,
                    "recipients are not limited by it", "write the number into control/maxrcpt",
                    OffWhen::zero},
    VariableVerdict{"MAXRECIPIENTS", "", Severity::harmless, "", ""},
    VariableVerdict{"MFCHECK", "", Severity::harmless, "", ""},
    VariableVerdict{"MFDNSCHECK", "", Severity::harmless, "", ""},
    VariableVerdict{"MOREVALIDRCPTTO_CDB", "", Severity::harmless, "", ""},
    VariableVerdict{"NOBADHELO", "", Severity::harmless, "", ""},
    VariableVerdict{"NOBOUNCE", "qmail-ldap", Severity::loss,
                    "bounces to this host will be accepted", ""},
    VariableVerdict{"NODKIM", "", Severity::harmless, "", ""},
    VariableVerdict{"NODNSCHECK", "indimail", Severity::harmless, "there is no such check", ""},
    VariableVerdict{"NOP0FCHECK", "QMailToaster", Severity::harmless, "is read by simscan", ""},
    VariableVerdict{"NOSPP", "qmail-spp", Severity::harmless, "there are no plugins", ""},
    VariableVerdict{"POP3APOP", "", Severity::harmless, "", ""},
    VariableVerdict{"POP3S", "", Severity::harmless, "", ""},
    VariableVerdict{"QHPSI", "QHPSI", Severity::loss,
                    "messages will not be given to the virus scanner",
                    "name a scanner in QMAILQUEUE", OffWhen::no_lines},
    VariableVerdict{"QMAILLOCAL", "", Severity::harmless, "", ""},
    VariableVerdict{"QMAILQUEUE", "", Severity::harmless, "", ""},
    VariableVerdict{"QMAILREMOTE", "", Severity::harmless, "", ""},
    VariableVerdict{"QREGEX", "", Severity::harmless, "", ""},
    VariableVerdict{"RBL", "qmail-ldap", Severity::loss, "listed clients will be accepted",
                    "put rblsmtpd in front of qmail-smtpd"},
    VariableVerdict{"RBLONLYHEADER", "qmail-ldap", Severity::note,
                    "no header field names lists", ""},
    VariableVerdict{"RBLSMTPD", "", Severity::harmless, "", ""},
    VariableVerdict{"RCPTCHECK", "", Severity::harmless, "", ""},
    VariableVerdict{"RCPTCHECKRELAYCLIENT", "", Severity::harmless, "", ""},
    VariableVerdict{"REALRCPTTO", "", Severity::harmless, "", ""},
    VariableVerdict{"RECIPIENTS450", "", Severity::harmless, "", ""},
    VariableVerdict{"REJECTEXEC", "qmail-ldap", Severity::loss,
                    "messages with executable files will be accepted",
                    "name a filter in QMAILQUEUE"},
    VariableVerdict{"REJECTNULLSENDERS", "", Severity::harmless, "", ""},
    VariableVerdict{"RELAYCLIENT", "", Severity::harmless, "", ""},
    VariableVerdict{"RELAYREJ", "relay-reject", Severity::loss,
                    "relay probes will be accepted, and bounced", "", OffWhen::zero},
    VariableVerdict{"REQUIREAUTH", "indimail", Severity::loss, "AUTH will not be demanded",
                    "set REQUIRE_AUTH=1", OffWhen::zero},
    VariableVerdict{"REQUIRE_AUTH", "", Severity::harmless, "", ""},
    VariableVerdict{"RETURNMXCHECK", "qmail-ldap", Severity::loss,
                    "senders of domains that do not exist will be accepted", ""},
    VariableVerdict{"SANITYCHECK", "qmail-ldap", Severity::loss,
                    "senders without a sensible domain will be accepted", ""},
    VariableVerdict{"SENDERCHECK", "qmail-ldap", Severity::loss,
                    "senders that do not exist here will be accepted", ""},
    VariableVerdict{"SENDER_NOCHECK", "chkuser", Severity::harmless, "there is no such check",
                    ""},
    VariableVerdict{"SIMSCAN*", "simscan", Severity::harmless, "is read by simscan", ""},
    VariableVerdict{"SMTP550DISCONNECT", "qmail-ldap", Severity::note,
                    "clients are not cut off after a refusal", ""},
    VariableVerdict{"SMTPAUTH", "", Severity::harmless, "", ""},
    VariableVerdict{"SMTPD_GREETDELAY", "", Severity::harmless, "", ""},
    VariableVerdict{"SMTPGREETING", "smtpgreeting", Severity::note,
                    "the greeting is that of control/smtpgreeting",
                    "write it into control/smtpgreeting", OffWhen::no_lines},
    VariableVerdict{"SMTPS", "", Severity::harmless, "", ""},
    VariableVerdict{"SPF", "", Severity::harmless, "", ""},
    VariableVerdict{"SPFBEHAVIOR", "", Severity::harmless, "", ""},
    VariableVerdict{"SPF_BLOCK_PLUS_ALL", "SPF", Severity::loss,
                    "senders whose SPF record allows everybody will be accepted", "",
                    OffWhen::zero},
    VariableVerdict{"SPPCONFFILE", "qmail-spp", Severity::loss, "the plugins will not be run",
                    ""},
    VariableVerdict{"SSLCERT", "qmail-ldap", Severity::loss,
                    "the certificate it names is not read",
                    "make control/servercert.pem of certificate and key"},
    VariableVerdict{"SURBL", "surbl", Severity::note, "it is for a program in QMAILQUEUE", ""},
    VariableVerdict{"TARPIT*", "", Severity::harmless, "", ""},
    VariableVerdict{"TCP*", "", Severity::harmless, "", ""},
    VariableVerdict{"TLSCIPHERS", "", Severity::harmless, "", ""},
    VariableVerdict{"TLSMINVERSION", "", Severity::harmless, "", ""},
    VariableVerdict{"TLSREQUIRED", "qmail-ldap", Severity::loss, "TLS will not be demanded",
                    ""},
    VariableVerdict{"TLS_SERVER_CERT", "jms1's patches", Severity::loss,
                    "STARTTLS will not be offered: the certificate it names is not read",
                    "make control/servercert.pem of certificate and key"},
    VariableVerdict{"UCSPITLS", "", Severity::harmless, "", ""},
    VariableVerdict{"VALIDRCPTTO", "", Severity::harmless, "", ""},
    VariableVerdict{"VALIDRCPTTO_CDB", "jms1's patches", Severity::loss,
                    "recipients are looked for in control/validrcptto.cdb alone",
                    "link that name to the database"},
    VariableVerdict{"VALIDRCPTTO_LOG", "validrcptto", Severity::note, "each decision is logged",
                    ""},
};

constexpr const VariableVerdict* verdict_on_variable(std::string_view name) {
  for (const VariableVerdict& verdict : kVariableVerdicts) {
    if (pattern_fits(verdict.name, name)) {
      return &verdict;
    }
  }
  return nullptr;
}

}  // namespace reqmail::legacy
