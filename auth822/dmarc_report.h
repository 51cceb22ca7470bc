// Aggregate reports of DMARC (RFC 9990): the lines of a day are counted, and each domain that
// has published a policy gets one report in XML.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "auth822/dmarc_line.h"

namespace reqmail::auth822 {

struct DmarcReport {
  struct Row {
    DmarcLine line;
    std::uint64_t count = 0;
  };

  // The last line of the day: its policy is the one that is reported.
  DmarcLine last;
  // By what a row says, so that equal results are counted together.
  std::map<std::string, Row> rows;
};

// The reports of a day, by the domain of the policy.
class DmarcReports {
 public:
  void add(const DmarcLine& line);

  [[nodiscard]] const std::map<std::string, DmarcReport>& by_domain() const { return reports_; }

 private:
  std::map<std::string, DmarcReport> reports_;
};

// Who reports, and about which time.
struct DmarcReporter {
  std::string organization;  // a domain
  std::string contact;       // an address
  std::uint64_t begin = 0;   // seconds since the epoch
  std::uint64_t end = 0;
};

// The same for every report of the reporter about a domain and a time.
std::string dmarc_report_id(std::string_view domain, const DmarcReporter& reporter);

// ORGANIZATION!DOMAIN!BEGIN!END.xml.gz
std::string dmarc_report_name(std::string_view domain, const DmarcReporter& reporter);

// How many bytes the compressed XML has in a message: base 64 in lines that end in CR LF. A
// limit in a URI is about these (RFC 9990 section 3.5).
std::size_t dmarc_report_encoded_size(std::size_t content_size);

std::string dmarc_report_xml(std::string_view domain, const DmarcReport& report,
                             const DmarcReporter& reporter);

// The message, without Date and Message-ID, that carries a report: `content` is the compressed
// XML. Lines end in LF.
std::string dmarc_report_message(std::string_view domain, const DmarcReporter& reporter,
                                 std::string_view recipient, std::string_view content);

}  // namespace reqmail::auth822
