// The results of sessions for reports about TLS (TLSRPT, RFC 8460), in the form in which
// libtlsrpt collects them: a JSON object of its protocol 1. Pure.
#pragma once

#include <optional>
#include <string>

#include "remote/tls_decision.h"
#include "tls/start_tls.h"

namespace reqmail::remote {

// What became of TLS in a session.
struct TlsResult {
  // Absent: the session was in TLS as its plan demands.
  std::optional<tls::TlsFault> fault;
  // What a report of the session says of the fault.
  std::string detail;
  std::string server;  // its name
  std::string server_address;
  std::string own_address;  // empty if it is not known
};

// Returns whether a record asks for reports.
bool is_report_record(std::string_view text);

// `domain` is the one that mail is for, `record` what it publishes at _smtp._tls.
std::string tls_result_datagram(const std::string& domain, const std::string& record,
                                const TlsPlan& plan, const TlsResult& result);

}  // namespace reqmail::remote
