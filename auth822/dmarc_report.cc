#include "auth822/dmarc_report.h"

#include <algorithm>
#include <initializer_list>

#include "auth822/dns_facts.h"
#include "base/ascii.h"
#include "base/base64.h"
#include "base/number.h"
#include "base/text.h"

namespace reqmail::auth822 {

namespace {

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
    case '&':
      out += "&amp;";
      break;
    case '<':
      out += "&lt;";
      break;
    case '>':
      out += "&gt;";
      break;
    default:
      out.push_back(c >= ' ' && c <= '~' ? c : '?');
      break;
    }
  }
  return out;
}

std::string element(std::string_view name, std::string_view text) {
  return base::concat({"<", name, ">", escaped(text), "</", name, ">\n"});
}

std::string group(std::string_view name, std::initializer_list<std::string_view> parts) {
  return base::concat({"<", name, ">\n", base::concat(parts), "</", name, ">\n"});
}

std::string_view or_else(std::string_view text, std::string_view other) {
  return text.empty() ? other : text;
}

std::string metadata(std::string_view domain, const DmarcReporter& reporter) {
  return group("report_metadata",
               {element("org_name", reporter.organization), element("email", reporter.contact),
                element("report_id", dmarc_report_id(domain, reporter)),
                group("date_range", {element("begin", base::decimal(reporter.begin)),
                                     element("end", base::decimal(reporter.end))}),
                element("generator", "reqmail")});
}

// Tags that are absent have the values that count then.
std::string policy_published(std::string_view domain, const DmarcLine& line) {
  const std::string_view p = or_else(line.p, "none");
  const std::string_view sp = or_else(line.sp, p);
  return group(
      "policy_published",
      {element("domain", domain), element("discovery_method", "treewalk"), element("p", p),
       element("sp", sp), element("np", or_else(line.np, sp)),
       element("adkim", or_else(line.adkim, "r")), element("aspf", or_else(line.aspf, "r")),
       element("testing", or_else(line.testing, "n"))});
}

std::string row_of(const DmarcReport::Row& row) {
  const DmarcLine& line = row.line;
  const std::string reason =
      line.reason.empty() ? std::string() : group("reason", {element("type", line.reason)});
  return group("row",
               {element("source_ip", line.client), element("count", base::decimal(row.count)),
                group("policy_evaluated",
                      {element("disposition", line.disposition), element("dkim", line.dkim),
                       element("spf", line.spf), reason})});
}

// There is always a result of SPF.
std::string auth_results(const DmarcLine& line) {
  std::string dkim;
  std::string spf;
  for (const DmarcLineAuth& one : line.auth) {
    if (one.method == "dkim") {
      dkim += group("dkim", {element("domain", one.domain), element("selector", one.selector),
                             element("result", one.result)});
    } else {
      spf += group("spf", {element("domain", one.domain), element("scope", "mfrom"),
                           element("result", one.result)});
    }
  }
  if (spf.empty()) {
    spf = group("spf", {element("domain", line.envelope_from), element("scope", "mfrom"),
                        element("result", "none")});
  }
  return group("auth_results", {dkim, spf});
}

std::string record_of(const DmarcReport::Row& row) {
  return group("record",
               {row_of(row),
                group("identifiers", {element("envelope_from", row.line.envelope_from),
                                      element("header_from", row.line.author)}),
                auth_results(row.line)});
}

// What does not distinguish a row: the time, and the policy.
DmarcLine row_line(DmarcLine line) {
  line.time = 0;
  for (std::string* const text :
       {&line.p, &line.sp, &line.np, &line.adkim, &line.aspf, &line.testing, &line.reports}) {
    text->clear();
  }
  return line;
}

bool is_host_name(std::string_view domain) {
  return is_domain(domain) && std::ranges::all_of(domain, [](char c) {
           return base::is_letter(c) || base::is_digit(c) || c == '-' || c == '_' || c == '.';
         });
}

// As many bytes as 76 characters of base 64 encode (RFC 2045 section 6.8).
constexpr std::size_t kLineBytes = 57;

std::string lines_of_base64(std::string_view content) {
  std::string text;
  for (std::size_t at = 0; at < content.size(); at += kLineBytes) {
    text += base::concat({base::encode_base64(content.substr(at, kLineBytes)), "\n"});
  }
  return text;
}

}  // namespace

void DmarcReports::add(const DmarcLine& line) {
  // The name becomes part of a file name and of header fields, and no other can be looked up.
  if (!is_host_name(line.policy_domain)) {
    return;
  }
  DmarcReport& report = reports_[line.policy_domain];
  if (line.time >= report.last.time) {
    report.last = line;
  }
  DmarcLine row = row_line(line);
  auto& counted = report.rows[encode_dmarc_line(row)];
  counted.line = std::move(row);
  ++counted.count;
}

std::string dmarc_report_id(std::string_view domain, const DmarcReporter& reporter) {
  return base::concat({base::decimal(reporter.begin), ".", domain, "@", reporter.organization});
}

std::string dmarc_report_name(std::string_view domain, const DmarcReporter& reporter) {
  return base::concat({reporter.organization, "!", domain, "!", base::decimal(reporter.begin),
                       "!", base::decimal(reporter.end), ".xml.gz"});
}

std::size_t dmarc_report_encoded_size(std::size_t content_size) {
  constexpr std::size_t kLineEnd = 2;
  const std::size_t lines = (content_size + kLineBytes - 1) / kLineBytes;
  return (content_size + 2) / 3 * 4 + lines * kLineEnd;
}

std::string dmarc_report_xml(std::string_view domain, const DmarcReport& report,
                             const DmarcReporter& reporter) {
  std::string records;
  for (const auto& [key, row] : report.rows) {
    records += record_of(row);
  }
  return base::concat(
      {"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
       "<feedback xmlns=\"urn:ietf:params:xml:ns:dmarc-2.0\">\n",
       element("version", "1.0"), metadata(domain, reporter),
       policy_published(domain, report.last), records, "</feedback>\n"});
}

std::string dmarc_report_message(std::string_view domain, const DmarcReporter& reporter,
                                 std::string_view recipient, std::string_view content) {
  // Base 64 has no such line, and the text neither.
  constexpr std::string_view kBoundary = "=_dmarc-report";
  const std::string name = dmarc_report_name(domain, reporter);
  const std::string id = dmarc_report_id(domain, reporter);
  return base::concat(
      {"From: <",
       reporter.contact,
       ">\nTo: <",
       recipient,
       ">\nSubject: Report Domain: ",
       domain,
       "\n Submitter: ",
       reporter.organization,
       "\n Report-ID: <",
       id,
       ">\nAuto-Submitted: auto-generated\nMIME-Version: 1.0\n"
       "Content-Type: multipart/mixed; boundary=\"",
       kBoundary,
       "\"\n\n--",
       kBoundary,
       "\nContent-Type: text/plain; charset=us-ascii\n\n"
       "This is a DMARC aggregate report about ",
       domain,
       ", from ",
       reporter.organization,
       ".\n\n--",
       kBoundary,
       "\nContent-Type: application/gzip; name=\"",
       name,
       "\"\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment;\n filename=\"",
       name,
       "\"\n\n",
       lines_of_base64(content),
       "--",
       kBoundary,
       "--\n"});
}

}  // namespace reqmail::auth822
