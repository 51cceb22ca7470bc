// What receivers look at in the domain of a sender, and what those who send to it need.
#pragma once

#include "dnscheck/answers.h"
#include "dnscheck/report.h"
#include "dnscheck/subject.h"

namespace reqmail::dnscheck {

// "mx": the domain says where its mail goes, and that leads here if the host accepts it (RFC
// 5321 section 5, RFC 7505).
void check_exchangers(const Subject& subject, Answers& answers, Report& report);

// "spf": the record has each address from which the host sends, and needs no more than ten
// look-ups (RFC 7208).
void check_sender_policy(const Subject& subject, Answers& answers, Report& report);

// "dkim": for each key that signs messages of the domain there is its record (RFC 6376).
void check_signing_keys(const Subject& subject, Answers& answers, Report& report);

// "dmarc": there is a policy, and those to whom reports go want them (RFC 9989, RFC 9990
// section 4).
void check_dmarc(const Subject& subject, Answers& answers, Report& report);

// "mta-sts" and "tlsrpt": if there are such records, they are well-formed (RFC 8461 section
// 3.1, RFC 8460 section 3).
void check_transport_policy(const Subject& subject, Answers& answers, Report& report);

// "tlsa": the TLSA records of each exchanger that is this host describe the certificate that it
// shows, and are signed, so that senders believe them (RFC 7672).
void check_tlsa(const Subject& subject, Answers& answers, Report& report);

}  // namespace reqmail::dnscheck
