// What a client's command line means (RFC 5321 section 4.1, read as liberally as qmail reads
// it).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace reqmail::proto {

// The longest command line, line end excluded (RFC 5321 asks for 512; old clients send more).
inline constexpr std::size_t kSmtpCommandMax = std::size_t{128} << 10;

// The longest address of MAIL and RCPT, after unquoting.
inline constexpr std::size_t kSmtpAddressMax = 899;

// The views point into the line.
struct SmtpCommand {
  std::string_view word;
  std::string_view argument;
};

// A line without its line end. The word of the command ends at the first blank (a tab does not
// end it); blanks before the argument are skipped.
SmtpCommand parse_smtp_command(std::string_view line);

// Whether a line is the request line of an HTTP client that was sent here by a web page:
// "POST / HTTP/1.1".
bool is_http_request(std::string_view line);

// The address in the argument of MAIL or RCPT, source route, quotes and backslashes removed:
// from the first '<' up to '>', or else from the first colon up to a blank; without either it
// is empty.
std::string smtp_address(std::string_view argument);

// Returns the value of an ESMTP parameter after the address, such as SIZE, with `name` in upper
// case; nullopt if the argument has no such parameter.
std::optional<std::string_view> smtp_parameter(std::string_view argument,
                                               std::string_view name);

// The parameters after the address, without the blank before them; empty if there are none.
std::string_view smtp_parameters(std::string_view argument);

// SIZE of MAIL (RFC 1870 section 6.1); nullopt if it is absent or no number.
std::optional<std::uint64_t> announced_size(std::string_view argument);

// An IPv4 address in network byte order.
using Ipv4Octets = std::array<std::uint8_t, 4>;

// The IPv4 address of an address whose domain is a literal without tag, as in
// "postmaster@[192.0.2.1]". Numbers may have leading zeros but not exceed 255.
std::optional<Ipv4Octets> domain_literal(std::string_view address);

}  // namespace reqmail::proto
