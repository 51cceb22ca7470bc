#include "remote/tls_result.h"

#include "base/json.h"

namespace reqmail::remote {

namespace {

// The numbers of libtlsrpt's protocol.
constexpr std::uint64_t kPolicyTlsa = 1;
constexpr std::uint64_t kPolicySts = 2;
constexpr std::uint64_t kPolicyNone = 9;

std::uint64_t code_of(tls::TlsFault fault) {
  switch (fault) {
  case tls::TlsFault::not_offered:
    return 201;
  case tls::TlsFault::wrong_name:
    return 202;
  case tls::TlsFault::untrusted:
    return 203;
  case tls::TlsFault::expired:
    return 204;
  case tls::TlsFault::handshake:
    return 205;
  case tls::TlsFault::no_matching_record:
    break;
  }
  return 304;
}

void write_texts(base::JsonWriter& json, std::string_view key,
                 const std::vector<std::string>& texts) {
  json.key(key).open_array();
  for (const std::string& text : texts) {
    json.text(text);
  }
  json.close_array();
}

void write_policy(base::JsonWriter& json, const std::string& domain, const TlsPlan& plan) {
  if (!plan.request.tlsa.empty()) {
    std::vector<std::string> records;
    for (const base::TlsaRecord& record : plan.request.tlsa) {
      records.push_back(base::zone_text(record));
    }
    json.key("policy-type").number(kPolicyTlsa);
    write_texts(json, "policy-string", records);
    json.key("policy-domain").text(plan.request.server_name);
    return;
  }
  const bool sts = plan.policy.type == "sts";
  json.key("policy-type").number(sts ? kPolicySts : kPolicyNone);
  if (sts) {
    write_texts(json, "policy-string", plan.policy.strings);
    write_texts(json, "mx-host", plan.policy.exchangers);
  }
  json.key("policy-domain").text(plan.policy.domain.empty() ? domain : plan.policy.domain);
}

void write_text_if_any(base::JsonWriter& json, std::string_view key, const std::string& text) {
  if (!text.empty()) {
    json.key(key).text(text);
  }
}

void write_fault(base::JsonWriter& json, const TlsResult& result) {
  json.key("failure-details").open_array();
  if (result.fault) {
    json.open_object();
    json.key("c").number(code_of(*result.fault));
    write_text_if_any(json, "s", result.own_address);
    write_text_if_any(json, "n", result.server);
    json.key("r").text(result.server_address);
    write_text_if_any(json, "f", result.detail);
    json.close_object();
  }
  json.close_array();
  json.key("t").number(result.fault ? 1 : 0);
  json.key("f").number(result.fault ? 1 : 0);
}

}  // namespace

bool is_report_record(std::string_view text) {
  constexpr std::string_view kVersion = "v=TLSRPTv1";
  if (!text.starts_with(kVersion)) {
    return false;
  }
  const std::string_view rest = text.substr(kVersion.size());
  return rest.empty() || rest.front() == ';' || rest.front() == ' ' || rest.front() == '\t';
}

std::string tls_result_datagram(const std::string& domain, const std::string& record,
                                const TlsPlan& plan, const TlsResult& result) {
  base::JsonWriter json;
  json.open_object();
  json.key("dpv").text("1");
  json.key("d").text(domain);
  json.key("pr").text(record);
  json.key("policies").open_array();
  json.open_object();
  write_policy(json, domain, plan);
  write_fault(json, result);
  json.close_object();
  json.close_array();
  json.close_object();
  return json.take();
}

}  // namespace reqmail::remote
