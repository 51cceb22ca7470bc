// A name server that answers from a map, and functions that make DNS messages for tests.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/dns.h"

namespace reqmail::test {

// Make parts of messages.
std::string u16(unsigned value);
std::string wire_name(std::string_view name);
std::string resource_record(std::string_view owner, unsigned type, std::string_view data,
                            unsigned record_class = 1);
std::string a_record(std::string_view owner, std::string_view address);
std::string mx_record(std::string_view owner, unsigned preference, std::string_view host);
std::string cname_record(std::string_view owner, std::string_view target);
std::string ptr_record(std::string_view owner, std::string_view target);

// Makes a response with one question and these answer records.
std::string response(std::string_view name, unsigned type,
                     const std::vector<std::string>& answers, unsigned code = 0,
                     unsigned more_flags = 0);

inline constexpr unsigned kServerFailure = 2;
inline constexpr unsigned kNoSuchName = 3;
inline constexpr unsigned kRefused = 5;

// Answers with the records of add(); any other question gets NXDOMAIN. Questions for "TIMEOUT"
// get no answer.
class FakeDns : public net::DnsTransport {
 public:
  // Sets the answer section for a question, for example "MX one.example".
  void add(const std::string& question, const std::vector<std::string>& answers,
           unsigned code = 0, unsigned more_flags = 0);
  void add_silence(const std::string& question);

  Result<std::string> ask(const net::DnsName& name, net::DnsType type) override;

  // Every question that was asked.
  std::vector<std::string> asked;

 private:
  std::map<std::string, std::string> answers_;
};

}  // namespace reqmail::test
