// Environment variables of the patches, as they stand in run scripts and tcp rules.
#pragma once

#include <array>
#include <string_view>

#include "upgrade/control_verdicts.h"
#include "upgrade/findings.h"

namespace reqmail::upgrade {

struct VariableVerdict {
  // '*' at the end stands for all that begin so.
  std::string_view name;
  // Empty: reqmail (or the listener) honours it.
  std::string_view origin;
  Severity severity;
  std::string_view text;
  std::string_view action;
};

// The first row that fits counts. Variables that no row names are the scripts' own.
inline constexpr std::array kVariableVerdicts = {
    VariableVerdict{"ALLOW_INSECURE_AUTH", "", Severity::harmless, "", ""},
    VariableVerdict{"DATABYTES", "", Severity::harmless, "", ""},
    VariableVerdict{"DISABLETLS", "", Severity::harmless, "", ""},
    VariableVerdict{"FORCEAUTHMAILFROM", "", Severity::harmless, "", ""},
    VariableVerdict{"FORCETLS", "", Severity::harmless, "", ""},
    VariableVerdict{"POP3S", "", Severity::harmless, "", ""},
    VariableVerdict{"QMAILLOCAL", "", Severity::harmless, "", ""},
    VariableVerdict{"QMAILQUEUE", "", Severity::harmless, "", ""},
    VariableVerdict{"QMAILREMOTE", "", Severity::harmless, "", ""},
    VariableVerdict{"RBLSMTPD", "", Severity::harmless, "", ""},
    VariableVerdict{"RELAYCLIENT", "", Severity::harmless, "", ""},
    VariableVerdict{"REQUIRE_AUTH", "", Severity::harmless, "", ""},
    VariableVerdict{"SMTPAUTH", "", Severity::harmless, "", ""},
    VariableVerdict{"SMTPS", "", Severity::harmless, "", ""},
    VariableVerdict{"TCP*", "", Severity::harmless, "", ""},
    VariableVerdict{"TLSCIPHERS", "", Severity::harmless, "", ""},
    VariableVerdict{"UCSPITLS", "", Severity::harmless, "", ""},

    VariableVerdict{"AUTHREQUIRED", "qmail-ldap", Severity::loss, "AUTH will not be demanded",
                    "set REQUIRE_AUTH=1"},
    VariableVerdict{"BADLOADERTYPE", "spamcontrol", Severity::harmless, "obsolete", ""},
    VariableVerdict{"BADMIMETYPE", "spamcontrol", Severity::harmless, "obsolete", ""},
    VariableVerdict{"BRTLIMIT", "brtlimit", Severity::note,
                    "clients that guess recipients are not cut off", ""},
    VariableVerdict{"CHKUSER_START", "chkuser", Severity::loss,
                    "mail to recipients that do not exist will be accepted, and bounced", ""},
    VariableVerdict{"CHKUSER_*", "chkuser", Severity::note,
                    "there is no chkuser that it could tune", ""},
    VariableVerdict{"DKIMQUEUE", "DKIM", Severity::harmless, "is for the program in QMAILQUEUE",
                    ""},
    VariableVerdict{"DKIM*", "DKIM", Severity::note,
                    "is for a program in QMAILQUEUE or QMAILREMOTE; where none is named, "
                    "nothing signs or verifies",
                    ""},
    VariableVerdict{"DKQUEUE", "DomainKeys", Severity::harmless,
                    "is for the program in QMAILQUEUE", ""},
    VariableVerdict{"DKSIGN", "DomainKeys", Severity::note,
                    "is for a program in QMAILQUEUE; where none is named, nothing signs", ""},
    VariableVerdict{"DKVERIFY", "DomainKeys", Severity::note,
                    "is for a program in QMAILQUEUE; where none is named, nothing verifies",
                    ""},
    VariableVerdict{"DNSBLLIST", "dnsbl", Severity::loss, "listed clients will be accepted",
                    "put rblsmtpd in front of qmail-smtpd"},
    VariableVerdict{"DROP_PRE_GREET", "greetdelay", Severity::note,
                    "clients that talk first are not dropped", ""},
    VariableVerdict{"ENABLE_SPP", "qmail-spp", Severity::loss, "the plugins will not be run",
                    ""},
    VariableVerdict{"FORCE_TLS", "indimail", Severity::loss, "TLS will not be demanded", ""},
    VariableVerdict{"GREETDELAY", "greetdelay", Severity::note,
                    "nobody waits before a greeting", ""},
    VariableVerdict{"HELOCHECK", "s/qmail", Severity::loss, "HELO names will not be checked",
                    ""},
    VariableVerdict{"LOCALMFCHECK", "s/qmail", Severity::loss, "senders will not be checked",
                    ""},
    VariableVerdict{"LOGREGEX", "qregex", Severity::note, "is not read", ""},
    VariableVerdict{"MAXRECIPIENTS", "s/qmail and indimail", Severity::note,
                    "recipients are not limited by it", "use control/maxrcpt"},
    VariableVerdict{"MFDNSCHECK", "s/qmail", Severity::loss,
                    "senders of domains that do not exist will be accepted", ""},
    VariableVerdict{"MOREVALIDRCPTTO_CDB", "validrcptto", Severity::loss,
                    "mail to recipients that do not exist will be accepted, and bounced", ""},
    VariableVerdict{"NOBADHELO", "qregex", Severity::harmless, "there is no such check", ""},
    VariableVerdict{"NOBOUNCE", "qmail-ldap", Severity::loss,
                    "bounces to this host will be accepted", ""},
    VariableVerdict{"NODNSCHECK", "indimail", Severity::harmless, "there is no such check", ""},
    VariableVerdict{"NOP0FCHECK", "QMailToaster", Severity::harmless, "is for simscan", ""},
    VariableVerdict{"NOSPP", "qmail-spp", Severity::harmless, "there are no plugins", ""},
    VariableVerdict{"RBL", "qmail-ldap", Severity::loss, "listed clients will be accepted",
                    "put rblsmtpd in front of qmail-smtpd"},
    VariableVerdict{"RCPTCHECK", "RCPTCHECK", Severity::loss,
                    "the program that checks recipients will not be run", ""},
    VariableVerdict{"RECIPIENTS450", "recipients", Severity::note, "is not read", ""},
    VariableVerdict{"REJECTNULLSENDERS", "rejectnullsenders", Severity::loss,
                    "bounces to this host will be accepted", ""},
    VariableVerdict{"REQUIREAUTH", "indimail", Severity::loss, "AUTH will not be demanded",
                    "set REQUIRE_AUTH=1"},
    VariableVerdict{"RETURNMXCHECK", "qmail-ldap", Severity::loss,
                    "senders of domains that do not exist will be accepted", ""},
    VariableVerdict{"SENDER_NOCHECK", "chkuser", Severity::harmless, "there is no such check",
                    ""},
    VariableVerdict{"SIMSCAN_DEBUG*", "simscan", Severity::harmless, "is for simscan", ""},
    VariableVerdict{"SMTPD_GREETDELAY", "greetdelay", Severity::note,
                    "nobody waits before a greeting", ""},
    VariableVerdict{"SPFBEHAVIOR", "SPF", Severity::loss,
                    "mail that fails SPF will be accepted", ""},
    VariableVerdict{"SPPCONFFILE", "qmail-spp", Severity::loss, "the plugins will not be run",
                    ""},
    VariableVerdict{"SURBL", "surbl", Severity::note, "is for a program in QMAILQUEUE", ""},
    VariableVerdict{"TARPIT*", "tarpit", Severity::note,
                    "clients with many recipients are not slowed down", ""},
    VariableVerdict{"TLSREQUIRED", "qmail-ldap", Severity::loss, "TLS will not be demanded",
                    ""},
    VariableVerdict{"VALIDRCPTTO*", "validrcptto", Severity::loss,
                    "mail to recipients that do not exist will be accepted, and bounced", ""},
};

constexpr const VariableVerdict* verdict_on_variable(std::string_view name) {
  for (const VariableVerdict& verdict : kVariableVerdicts) {
    if (pattern_fits(verdict.name, name)) {
      return &verdict;
    }
  }
  return nullptr;
}

}  // namespace reqmail::upgrade
