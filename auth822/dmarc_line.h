// The line that one judged message leaves for DMARC's aggregate reports: blank-separated
// key=value pairs. Bytes outside 33..126, '%' and ',' in values are %XX.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace reqmail::auth822 {

// One result of SPF or DKIM.
struct DmarcLineAuth {
  std::string method;  // dkim or spf
  std::string domain;
  std::string selector;  // of dkim
  std::string result;
};

struct DmarcLine {
  std::uint64_t time = 0;
  std::string client;  // its IP address
  std::string author;  // the domain in From
  std::string policy_domain;
  // Of the record, in its words; empty: the tag is absent.
  std::string p;
  std::string sp;
  std::string np;
  std::string adkim;
  std::string aspf;
  std::string testing;
  std::string disposition;
  std::string dkim;  // pass or fail: whether the author's domain is vouched for
  std::string spf;
  std::string reason;
  std::string envelope_from;  // the domain of the envelope sender
  std::string reports;        // rua=
  std::vector<DmarcLineAuth> auth;
};

// The name of the file with the lines of a day: YYYYMMDD, in UTC.
std::string dmarc_day(base::Time time);

// With its line feed.
std::string encode_dmarc_line(const DmarcLine& line);

// Nullopt: it is no such line.
std::optional<DmarcLine> parse_dmarc_line(std::string_view text);

}  // namespace reqmail::auth822
