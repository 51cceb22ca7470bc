#include "tests/unit/support/fake_dns.h"

#include <cerrno>

#include "base/ip_address.h"
#include "base/text.h"

namespace reqmail::test {

namespace {

const char* type_name(net::DnsType type) {
  switch (type) {
  case net::DnsType::a:
    return "A ";
  case net::DnsType::aaaa:
    return "AAAA ";
  case net::DnsType::mx:
    return "MX ";
  case net::DnsType::ptr:
    return "PTR ";
  case net::DnsType::cname:
    return "CNAME ";
  case net::DnsType::txt:
    return "TXT ";
  case net::DnsType::tlsa:
    return "TLSA ";
  case net::DnsType::opt:
    break;
  }
  return "? ";
}

}  // namespace

std::string u16(unsigned value) {
  return {static_cast<char>(value >> 8 & 0xff), static_cast<char>(value & 0xff)};
}

std::string wire_name(std::string_view name) {
  std::string wire;
  if (!name.empty()) {
    for (const std::string_view label : base::split(name, '.')) {
      wire.push_back(static_cast<char>(label.size()));
      wire.append(label);
    }
  }
  wire.push_back('\0');
  return wire;
}

std::string resource_record(std::string_view owner, unsigned type, std::string_view data,
                            unsigned record_class) {
  return wire_name(owner) + u16(type) + u16(record_class) + u16(0) + u16(300) +
         u16(static_cast<unsigned>(data.size())) + std::string(data);
}

std::string a_record(std::string_view owner, std::string_view address) {
  const auto parsed = base::IpAddress::parse(address);
  const auto bytes = parsed->bytes();
  return resource_record(owner, parsed->family() == base::Family::v4 ? 1 : 28,
                         std::string(bytes.begin(), bytes.end()));
}

std::string mx_record(std::string_view owner, unsigned preference, std::string_view host) {
  return resource_record(owner, 15, u16(preference) + wire_name(host));
}

std::string cname_record(std::string_view owner, std::string_view target) {
  return resource_record(owner, 5, wire_name(target));
}

std::string ptr_record(std::string_view owner, std::string_view target) {
  return resource_record(owner, 12, wire_name(target));
}

std::string response(std::string_view name, unsigned type,
                     const std::vector<std::string>& answers, unsigned code,
                     unsigned more_flags) {
  std::string message = u16(0x1234) + u16(0x8180 | more_flags | code) + u16(1) +
                        u16(static_cast<unsigned>(answers.size())) + u16(0) + u16(0);
  message += wire_name(name) + u16(type) + u16(1);
  for (const std::string& answer : answers) {
    message += answer;
  }
  return message;
}

void FakeDns::add(const std::string& question, const std::vector<std::string>& answers,
                  unsigned code, unsigned more_flags) {
  const std::size_t blank = question.find(' ');
  answers_[question] = response(question.substr(blank + 1), 1, answers, code, more_flags);
}

void FakeDns::add_silence(const std::string& question) {
  answers_[question] = "";
}

Result<std::string> FakeDns::ask(const net::DnsName& name, net::DnsType type) {
  const std::string question = type_name(type) + name.text();
  asked.push_back(question);
  const auto found = answers_.find(question);
  if (found == answers_.end()) {
    return response(name.text(), static_cast<unsigned>(type), {}, kNoSuchName);
  }
  if (found->second.empty()) {
    return temporary("silence", ETIMEDOUT);
  }
  return found->second;
}

}  // namespace reqmail::test
