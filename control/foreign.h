// Control files of known patches and forks of qmail that reqmail does not read (yet), so that
// nobody loses a setting without notice. One row a file; a name that ends in '*' stands for all
// names that begin so.
#pragma once

#include <array>
#include <string_view>

namespace reqmail::control {

struct ForeignFile {
  std::string_view name;
  std::string_view origin;
};

inline constexpr std::array kForeignFiles = {
    ForeignFile{"badhelo*", "qregex"},
    ForeignFile{"badloadertypes*", "spamcontrol"},
    ForeignFile{"badmailfromnorelay", "qregex"},
    ForeignFile{"badmailto*", "qregex"},
    ForeignFile{"badmimetypes*", "spamcontrol"},
    ForeignFile{"badrcptto*", "qregex"},
    ForeignFile{"bigbrother", "qmail-ldap"},
    ForeignFile{"bindroutes", "bindroutes"},
    ForeignFile{"bouncemaxbytes", "bouncemaxbytes"},
    ForeignFile{"bouncemessage", "indimail"},
    ForeignFile{"bouncesubject", "indimail"},
    ForeignFile{"brtlimit", "brtlimit"},
    ForeignFile{"concurrencyincoming", "the run scripts of qmail-smtpd"},
    ForeignFile{"concurrencysuppl*", "channels"},
    ForeignFile{"custombouncetext", "qmail-ldap"},
    ForeignFile{"defaultdelivery", "the run script of qmail-send"},
    ForeignFile{"dh*", "TLS"},
    ForeignFile{"dkim*", "DKIM"},
    ForeignFile{"dnsbl*", "dnsbl"},
    ForeignFile{"domainbindings", "outgoingip"},
    ForeignFile{"domaincerts", "s/qmail"},
    ForeignFile{"domainips", "s/qmail"},
    ForeignFile{"domainkeys", "DKIM"},
    ForeignFile{"filterargs", "spawn-filter"},
    ForeignFile{"helohostbyip", "indimail"},
    ForeignFile{"ldap*", "qmail-ldap"},
    ForeignFile{"localfilters", "qmail-qfilter"},
    ForeignFile{"logcount", "the run scripts"},
    ForeignFile{"logsize", "the run scripts"},
    ForeignFile{"mfcheck", "mfcheck"},
    ForeignFile{"moreipme", "moreipme"},
    ForeignFile{"morevalidrcptto*", "validrcptto"},
    ForeignFile{"nodnscheck", "indimail"},
    ForeignFile{"nosignaturedomains", "DKIM"},
    ForeignFile{"notipme", "moreipme"},
    ForeignFile{"notlshosts_auto", "TLS"},
    ForeignFile{"outgoingip*", "outgoingip"},
    ForeignFile{"policy", "eMPF"},
    ForeignFile{"qfilters", "qmail-qfilter"},
    ForeignFile{"qmtproutes", "s/qmail and indimail"},
    ForeignFile{"rbllist", "qmail-ldap"},
    ForeignFile{"rcptchecks", "RCPTCHECK"},
    ForeignFile{"recipients", "recipients"},
    ForeignFile{"rejectnullsenders", "rejectnullsenders"},
    ForeignFile{"rejectrelaytest", "rejectrelaytest"},
    ForeignFile{"relaymailfrom", "relaymailfrom"},
    ForeignFile{"remotecert", "qmail-ldap"},
    ForeignFile{"remotefilters", "qmail-qfilter"},
    ForeignFile{"rsa*", "TLS"},
    ForeignFile{"senderip", "outgoingip"},
    ForeignFile{"servercert.pem.old*", "qmail-cert, which keeps replaced keys so"},
    ForeignFile{"signaturedomains", "DKIM"},
    ForeignFile{"signatures", "qmail-ldap"},
    ForeignFile{"smtpcert", "qmail-ldap"},
    ForeignFile{"smtpfilters", "qmail-qfilter"},
    ForeignFile{"smtpplugins", "qmail-spp"},
    ForeignFile{"softlimit", "the run scripts"},
    ForeignFile{"spf*", "SPF"},
    ForeignFile{"srs_*", "SRS"},
    ForeignFile{"srsdomains", "s/qmail"},
    ForeignFile{"suppls*", "channels"},
    ForeignFile{"taps", "taps"},
    ForeignFile{"tlsdestinations", "s/qmail"},
    ForeignFile{"validrcptto*", "validrcptto"},
};

}  // namespace reqmail::control
