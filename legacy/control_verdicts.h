// The control files of known patches and forks that reqmail does not read: their origin, for
// qmail-showctl, and what is lost without them, for qmail-upgrade. Files that reqmail reads are
// in control/known.h, which has precedence over a row here. A row is removed when reqmail gets
// the feature.
#pragma once

#include <array>
#include <string_view>

#include "legacy/severity.h"

namespace reqmail::legacy {

// When an existing file has no effect.
enum class OffWhen {
  never,
  no_lines,    // a list without entries
  no_plugins,  // a list whose entries are all [sections]
  zero         // a number that is 0 or missing
};

struct ControlVerdict {
  // A file name; '*' at its end or at its beginning matches any text.
  std::string_view name;
  std::string_view origin;
  Severity severity;
  // What is lost, allowed or changed without the file.
  std::string_view text;
  std::string_view action;
  OffWhen off = OffWhen::never;
};

// The first row that matches counts.
inline constexpr std::array kControlVerdicts = {
    // Refusals of senders, recipients and hosts:
    ControlVerdict{"rejectrelaytest", "rejectrelaytest", Severity::loss,
                   "relay tests of others are answered otherwise", "", OffWhen::zero},
    ControlVerdict{"policy", "eMPF", Severity::loss,
                   "who may write to whom will not be limited", "", OffWhen::no_lines},
    ControlVerdict{"rbllist", "qmail-ldap", Severity::loss, "listed clients will be accepted",
                   "put rblsmtpd in front of qmail-smtpd", OffWhen::no_lines},
    ControlVerdict{"badmailfrom-unknown", "qmail-ldap", Severity::loss,
                   "refused senders will be accepted", "", OffWhen::no_lines},
    ControlVerdict{"badmailpatterns", "indimail", Severity::loss,
                   "refused senders will be accepted", "", OffWhen::no_lines},
    ControlVerdict{"badrcptpatterns", "indimail", Severity::loss,
                   "refused recipients will be accepted", "refuse them in a .qmail file",
                   OffWhen::no_lines},
    ControlVerdict{"goodmailfrom", "goodmailfrom", Severity::loss,
                   "senders that it excepts from badmailfrom will be refused", "",
                   OffWhen::no_lines},
    ControlVerdict{"goodmailaddr", "qmail-ldap", Severity::note, "there is no such check", "",
                   OffWhen::no_lines},
    ControlVerdict{"localdomains", "spamcontrol", Severity::loss,
                   "senders will not be held against these domains", "", OffWhen::no_lines},
    ControlVerdict{"relaylimits", "rcptcheck-overlimit", Severity::loss,
                   "what users may send will not be limited", "", OffWhen::no_lines},
    // Programs that decide about mail:
    ControlVerdict{"smtpplugins", "qmail-spp", Severity::loss, "the plugins will not be run",
                   "", OffWhen::no_plugins},
    // What sees or changes mail:
    ControlVerdict{"taps", "taps", Severity::loss, "no copies of mail will be kept", "",
                   OffWhen::no_lines},
    ControlVerdict{"bigbrother", "qmail-ldap", Severity::loss, "no copies of mail will be kept",
                   "", OffWhen::no_lines},
    ControlVerdict{"qfilters", "qmail-qfilter", Severity::loss,
                   "mail will not go through the filters", "name qmail-qfilter in QMAILQUEUE",
                   OffWhen::no_lines},
    ControlVerdict{"smtpfilters", "qmail-qfilter", Severity::loss,
                   "mail will not go through the filters", "name qmail-qfilter in QMAILQUEUE",
                   OffWhen::no_lines},
    ControlVerdict{"localfilters", "qmail-qfilter", Severity::loss,
                   "mail will not go through the filters", "name the filter in QMAILLOCAL",
                   OffWhen::no_lines},
    ControlVerdict{"remotefilters", "qmail-qfilter", Severity::loss,
                   "mail will not go through the filters", "name the filter in QMAILREMOTE",
                   OffWhen::no_lines},
    ControlVerdict{"signaturedomains", "DKIM", Severity::loss,
                   "unsigned mail of these domains will be accepted", "", OffWhen::no_lines},
    ControlVerdict{"dkim*", "DKIM", Severity::note, "only programs of that patch read it", ""},
    ControlVerdict{"nosignaturedomains", "DKIM", Severity::note,
                   "only programs of that patch read it", ""},
    ControlVerdict{"srsdomains", "s/qmail", Severity::loss,
                   "senders of forwarded mail will not be rewritten, and bounces to rewritten "
                   "ones will not come back",
                   "write a domain into control/srs_domain and the secret into "
                   "control/srs_secrets; see qmail-srs(1)",
                   OffWhen::no_lines},
    // Outgoing mail:
    ControlVerdict{"tlsdestinations", "s/qmail", Severity::loss,
                   "TLS and certificates will not be demanded of these hosts",
                   "make control/tlshosts/HOST.pem of the CA certificates", OffWhen::no_lines},
    ControlVerdict{"domaincerts", "s/qmail", Severity::loss,
                   "these certificates will not be shown to servers",
                   "put one in control/clientcert.pem", OffWhen::no_lines},
    ControlVerdict{"qmtproutes", "s/qmail and indimail", Severity::loss,
                   "mail will go another way: not by QMTP, and to the DNS's exchangers",
                   "say the same in smtproutes", OffWhen::no_lines},
    ControlVerdict{"outgoingip*", "outgoingip", Severity::loss,
                   "mail will leave from another address, which may have another reputation "
                   "and SPF result",
                   "", OffWhen::no_lines},
    ControlVerdict{"bindroutes", "bindroutes", Severity::loss,
                   "mail will leave from another address", "", OffWhen::no_lines},
    ControlVerdict{"domainips", "s/qmail", Severity::loss,
                   "mail will leave from another address", "", OffWhen::no_lines},
    ControlVerdict{"senderip", "outgoingip", Severity::loss,
                   "mail will leave from another address", "", OffWhen::no_lines},
    ControlVerdict{"relaymailfrom", "relaymailfrom", Severity::loss,
                   "these senders may no longer relay", "let them use AUTH", OffWhen::no_lines},
    // The queue:
    ControlVerdict{"hold*", "holdremote", Severity::loss,
                   "mail that is held back will be delivered", "", OffWhen::zero},
    ControlVerdict{"bouncelifetime", "bouncelifetime", Severity::note,
                   "bounces stay in the queue as long as all mail", "", OffWhen::zero},
    ControlVerdict{"concurrencysuppl*", "channels", Severity::loss,
                   "there are the two channels local and remote alone", ""},
    ControlVerdict{"suppls*", "channels", Severity::loss,
                   "there are the two channels local and remote alone: mail of these domains "
                   "goes with the rest",
                   "", OffWhen::no_lines},
    ControlVerdict{"ldap*", "qmail-ldap", Severity::loss,
                   "accounts in LDAP will not be found: their mail bounces",
                   "keep qmail-ldap, or write users/assign from LDAP"},
    // Whole configurations in other forms:
    ControlVerdict{"smtpcert", "qmail-ldap", Severity::loss,
                   "STARTTLS will not be offered: the certificate it names is not read",
                   "make control/servercert.pem of certificate and key"},
    ControlVerdict{"remotecert", "qmail-ldap", Severity::loss,
                   "the certificate it names will not be shown to servers",
                   "make control/clientcert.pem of certificate and key"},
    // Texts and limits:
    ControlVerdict{"bouncemessage", "indimail", Severity::note, "bounces have qmail's text",
                   ""},
    ControlVerdict{"nodnscheck", "indimail", Severity::note,
                   "no sender is looked up in the DNS", ""},
    ControlVerdict{"signatures", "qmail-ldap", Severity::note, "attachments are not looked at",
                   ""},
    ControlVerdict{"notlshosts_auto", "TLS", Severity::harmless, "is obsolete", ""},
    // Files of other programs:
    ControlVerdict{"*.lock", "vpopmail", Severity::harmless, "is vpopmail's", ""},
    ControlVerdict{"simcontrol*", "simscan", Severity::harmless, "is read by simscan", ""},
    ControlVerdict{"simversions*", "simscan", Severity::harmless, "is read by simscan", ""},
    ControlVerdict{"ssattach*", "simscan", Severity::harmless, "is read by simscan", ""},
    ControlVerdict{"level2-tlds", "surbl", Severity::harmless, "is read by a filter", ""},
    ControlVerdict{"level3-tlds", "surbl", Severity::harmless, "is read by a filter", ""},
    ControlVerdict{"tcp.*", "tcpserver", Severity::harmless, "is read by tcpserver", ""},
    ControlVerdict{"blacklists", "the run scripts", Severity::harmless,
                   "is read by the run script", ""},
    // Files that have no meaning any more:
    ControlVerdict{"rsa*", "TLS", Severity::harmless, "is obsolete", ""},
    ControlVerdict{"dh*", "TLS", Severity::harmless, "is obsolete", ""},
    ControlVerdict{"badmimetypes*", "spamcontrol", Severity::harmless, "is obsolete", ""},
    ControlVerdict{"badloadertypes*", "spamcontrol", Severity::harmless, "is obsolete", ""},
    ControlVerdict{"servercert.pem.old*", "qmail-cert", Severity::harmless,
                   "is an earlier certificate", ""},
    ControlVerdict{"defaultdelivery", "the run script of qmail-send", Severity::harmless,
                   "is read by the run script", ""},
    ControlVerdict{"concurrencyincoming", "the run scripts of qmail-smtpd", Severity::harmless,
                   "is read by the run script", ""},
    ControlVerdict{"concurrencysmtpd", "the run scripts of qmail-smtpd", Severity::harmless,
                   "is read by the run script", ""},
    ControlVerdict{"concurrencypop3", "the run scripts of qmail-pop3d", Severity::harmless,
                   "is read by the run script", ""},
    ControlVerdict{"softlimit", "the run scripts", Severity::harmless,
                   "is read by the run script", ""},
    ControlVerdict{"log*", "the run scripts", Severity::harmless, "is read by the run script",
                   ""},
};

// Returns whether a pattern of the table matches a name.
constexpr bool pattern_fits(std::string_view pattern, std::string_view name) {
  if (!pattern.empty() && pattern.front() == '*') {
    pattern.remove_prefix(1);
    return name.size() >= pattern.size() &&
           name.substr(name.size() - pattern.size()) == pattern;
  }
  return !pattern.empty() && pattern.back() == '*'
             ? name.substr(0, pattern.size() - 1) == pattern.substr(0, pattern.size() - 1)
             : name == pattern;
}

constexpr const ControlVerdict* verdict_on_control_file(std::string_view name) {
  for (const ControlVerdict& verdict : kControlVerdicts) {
    if (pattern_fits(verdict.name, name)) {
      return &verdict;
    }
  }
  return nullptr;
}

}  // namespace reqmail::legacy
