#include "remote/tls_result.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "remote/tls_reporter.h"

namespace reqmail::remote {
namespace {

constexpr const char* kRecord = "v=TLSRPTv1; rua=mailto:r@b.example";

// Returns the datagram without blanks and line feeds between its parts.
std::string datagram(const TlsPlan& plan, const TlsResult& result) {
  std::string text = tls_result_datagram("b.example", kRecord, plan, result);
  for (const char* gap : {"\n", "  "}) {
    for (auto at = text.find(gap); at != std::string::npos; at = text.find(gap)) {
      text.erase(at, std::string_view(gap).size());
    }
  }
  for (auto at = text.find("\": "); at != std::string::npos; at = text.find("\": ")) {
    text.erase(at + 2, 1);
  }
  return text;
}

constexpr const char* kHead =
    R"({"dpv":"1","d":"b.example","pr":"v=TLSRPTv1; rua=mailto:r@b.example","policies":[{)";

TEST(TlsResult, ASessionWithTlsaRecords) {
  TlsPlan plan;
  plan.request.server_name = "mx.b.example";
  plan.request.tlsa = {{3, 1, 1, "\x01\xff"}};
  EXPECT_EQ(datagram(plan, {std::nullopt, "", "mx.b.example", "192.0.2.1", ""}),
            std::string(kHead) + R"("policy-type":1,"policy-string":["3 1 1 01ff"],)"
                                 R"("policy-domain":"mx.b.example","failure-details":[],)"
                                 R"("t":0,"f":0}]})");
  EXPECT_EQ(datagram(plan, {tls::TlsFault::no_matching_record, "no matching TLSA record",
                            "mx.b.example", "192.0.2.1", "192.0.2.9"}),
            std::string(kHead) +
                R"("policy-type":1,"policy-string":["3 1 1 01ff"],)"
                R"("policy-domain":"mx.b.example","failure-details":[{"c":304,"s":"192.0.2.9",)"
                R"("n":"mx.b.example","r":"192.0.2.1","f":"no matching TLSA record"}],)"
                R"("t":1,"f":1}]})");
}

TEST(TlsResult, PoliciesOfTheServerAndNone) {
  TlsPlan plan;
  plan.policy.type = "sts";
  plan.policy.strings = {"version: STSv1", "mode: enforce"};
  plan.policy.exchangers = {"*.b.example"};
  const TlsResult untrusted{tls::TlsFault::untrusted, "", "", "192.0.2.1", ""};
  EXPECT_EQ(datagram(plan, untrusted),
            std::string(kHead) +
                R"("policy-type":2,"policy-string":["version: STSv1","mode: enforce"],)"
                R"("mx-host":["*.b.example"],"policy-domain":"b.example",)"
                R"("failure-details":[{"c":203,"r":"192.0.2.1"}],"t":1,"f":1}]})");
  EXPECT_EQ(datagram({}, {tls::TlsFault::not_offered, "", "", "192.0.2.1", ""}),
            std::string(kHead) +
                R"("policy-type":9,"policy-domain":"b.example",)"
                R"("failure-details":[{"c":201,"r":"192.0.2.1"}],"t":1,"f":1}]})");
}

TEST(TlsResult, RecordsThatAskForReports) {
  for (const char* text : {"v=TLSRPTv1", "v=TLSRPTv1;rua=x", "v=TLSRPTv1 ; rua=x"}) {
    EXPECT_TRUE(is_report_record(text)) << text;
  }
  for (const char* text : {"", "v=TLSRPTv10", "v=tlsrptv1", "v=spf1"}) {
    EXPECT_FALSE(is_report_record(text)) << text;
  }
}

TEST(TlsReporter, WithoutACollectorNothingIsAsked) {
  TlsReporter reporter("", "b.example");
  EXPECT_FALSE(reporter.is_on());
  reporter.begin();
  reporter.end({}, {});
}

}  // namespace
}  // namespace reqmail::remote
