#include "auth822/dmarc_report.h"

#include <gtest/gtest.h>

#include "base/base64.h"
#include "base/text.h"

namespace reqmail::auth822 {
namespace {

DmarcLine line(std::string_view more = "") {
  return *parse_dmarc_line(base::concat(
      {"t=1700000000 ip=192.0.2.1 from=d.example policy=d.example p=reject disposition=none "
       "dkim=fail spf=pass envfrom=e.example rua=mailto:r@d.example "
       "auth=dkim:d.example:s1:fail,spf:e.example:pass",
       more.empty() ? "" : " ", more}));
}

DmarcReporter reporter() {
  return {"mx.example", "post@mx.example", 1699920000, 1700006399};
}

std::string xml_of(const DmarcReports& reports, const std::string& domain) {
  return dmarc_report_xml(domain, reports.by_domain().at(domain), reporter());
}

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

TEST(DmarcReport, EqualResultsAreCountedTogether) {
  DmarcReports reports;
  reports.add(line());
  reports.add(line("t=1700000001"));
  reports.add(line("ip=192.0.2.2"));
  reports.add(line("policy=other.example"));
  ASSERT_EQ(reports.by_domain().size(), 2U);
  const std::string xml = xml_of(reports, "d.example");
  EXPECT_TRUE(has(xml, "<source_ip>192.0.2.1</source_ip>\n<count>2</count>"));
  EXPECT_TRUE(has(xml, "<source_ip>192.0.2.2</source_ip>\n<count>1</count>"));
}

TEST(DmarcReport, XmlOfAReport) {
  DmarcReports reports;
  reports.add(line("reason=local_policy"));
  EXPECT_EQ(xml_of(reports, "d.example"),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<feedback xmlns=\"urn:ietf:params:xml:ns:dmarc-2.0\">\n"
            "<version>1.0</version>\n"
            "<report_metadata>\n<org_name>mx.example</org_name>\n"
            "<email>post@mx.example</email>\n"
            "<report_id>1699920000.d.example@mx.example</report_id>\n"
            "<date_range>\n<begin>1699920000</begin>\n<end>1700006399</end>\n</date_range>\n"
            "<generator>reqmail</generator>\n</report_metadata>\n"
            "<policy_published>\n<domain>d.example</domain>\n"
            "<discovery_method>treewalk</discovery_method>\n<p>reject</p>\n<sp>reject</sp>\n"
            "<np>reject</np>\n<adkim>r</adkim>\n<aspf>r</aspf>\n<testing>n</testing>\n"
            "</policy_published>\n"
            "<record>\n<row>\n<source_ip>192.0.2.1</source_ip>\n<count>1</count>\n"
            "<policy_evaluated>\n<disposition>none</disposition>\n<dkim>fail</dkim>\n"
            "<spf>pass</spf>\n<reason>\n<type>local_policy</type>\n</reason>\n"
            "</policy_evaluated>\n</row>\n"
            "<identifiers>\n<envelope_from>e.example</envelope_from>\n"
            "<header_from>d.example</header_from>\n</identifiers>\n"
            "<auth_results>\n<dkim>\n<domain>d.example</domain>\n<selector>s1</selector>\n"
            "<result>fail</result>\n</dkim>\n"
            "<spf>\n<domain>e.example</domain>\n<scope>mfrom</scope>\n<result>pass</result>\n"
            "</spf>\n</auth_results>\n</record>\n</feedback>\n");
}

TEST(DmarcReport, TheLastPolicyOfTheDayIsReported) {
  DmarcReports reports;
  reports.add(line("t=1700000009 p=none sp=quarantine np=reject adkim=s aspf=s testing=y"));
  reports.add(line("p=reject"));
  const std::string xml = xml_of(reports, "d.example");
  EXPECT_TRUE(has(xml,
                  "<p>none</p>\n<sp>quarantine</sp>\n<np>reject</np>\n<adkim>s</adkim>\n"
                  "<aspf>s</aspf>\n<testing>y</testing>\n"));
  EXPECT_TRUE(has(xml, "<count>2</count>")) << "a change of the policy divides no row";
}

TEST(DmarcReport, BytesOfSendersStayText) {
  DmarcReports reports;
  reports.add(line("envfrom=<a>&%C3%BC.example auth=dkim:d.example:%3Cs%3E:pass"));
  const std::string xml = xml_of(reports, "d.example");
  EXPECT_TRUE(has(xml, "<envelope_from>&lt;a&gt;&amp;??.example</envelope_from>"));
  EXPECT_TRUE(has(xml, "<selector>&lt;s&gt;</selector>"));
  EXPECT_TRUE(has(xml, "<spf>\n<domain>&lt;a&gt;&amp;??.example</domain>"))
      << "SPF is always there";
}

TEST(DmarcReport, NamesThatAreNoHostsHaveNoReport) {
  DmarcReports reports;
  for (const char* policy : {"../../etc/x", "a/b.example", "a!b.example", "a<b.example"}) {
    reports.add(line(base::concat({"policy=", policy})));
  }
  EXPECT_TRUE(reports.by_domain().empty());
}

TEST(DmarcReport, TheMessageHasTheReportAsAnAttachment) {
  const std::string content(100, '\x01');
  const std::string message =
      dmarc_report_message("d.example", reporter(), "r@d.example", content);
  EXPECT_TRUE(message.starts_with(
      "From: <post@mx.example>\nTo: <r@d.example>\nSubject: Report Domain: d.example\n"
      " Submitter: mx.example\n Report-ID: <1699920000.d.example@mx.example>\n"));
  EXPECT_TRUE(has(message,
                  "Content-Type: application/gzip; "
                  "name=\"mx.example!d.example!1699920000!1700006399.xml.gz\"\n"));
  EXPECT_TRUE(has(message, "\n\n" + base::encode_base64(content.substr(0, 57)) + "\n" +
                               base::encode_base64(content.substr(57)) + "\n--"));
}

TEST(DmarcReport, ItsSizeInAMessage) {
  for (const std::size_t size : {0U, 1U, 56U, 57U, 58U, 114U, 1000U}) {
    const std::string message =
        dmarc_report_message("d.example", reporter(), "r@d.example", std::string(size, 'x'));
    const std::string without =
        dmarc_report_message("d.example", reporter(), "r@d.example", "");
    const std::size_t lines = (size + 56) / 57;  // each of which ends in CR LF on its way
    EXPECT_EQ(dmarc_report_encoded_size(size), message.size() - without.size() + lines) << size;
  }
}

}  // namespace
}  // namespace reqmail::auth822
