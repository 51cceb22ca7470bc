// Parses a client's command line (RFC 5321 section 4.1, read as liberally as qmail reads it).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ip_address.h"

namespace reqmail::proto {

// The longest command line in bytes, without its line end. RFC 5321 asks for 512; old clients
// send more.
inline constexpr std::size_t kSmtpCommandMax = std::size_t{128} << 10;

// The longest address of MAIL and RCPT in bytes, after unquoting.
inline constexpr std::size_t kSmtpAddressMax = 899;

// A parsed command line; the views point into the line.
struct SmtpCommand {
  std::string_view word;
  std::string_view argument;
};

// Parses a line without its line end. The command's word ends at the first blank (a tab does
// not end it); blanks before the argument are skipped.
SmtpCommand parse_smtp_command(std::string_view line);

// Returns whether a line is the request line of an HTTP client that a web page has sent here:
// "POST / HTTP/1.1".
bool is_http_request(std::string_view line);

// Returns the address in the argument of MAIL or RCPT, with source route, quotes and
// backslashes removed. It extends from the first '<' to '>', or without '<' from the first
// colon to a blank; without either it is empty.
std::string smtp_address(std::string_view argument);

// Returns the value of an ESMTP parameter after the address, such as SIZE, with `name` in upper
// case; nullopt if the argument has no such parameter.
std::optional<std::string_view> smtp_parameter(std::string_view argument,
                                               std::string_view name);

// Returns whether there is a parameter without a value, such as SMTPUTF8; `name` is in any
// case.
bool has_smtp_keyword(std::string_view argument, std::string_view name);

// Returns the parameters after the address, without the blank before them; empty if there are
// none.
std::string_view smtp_parameters(std::string_view argument);

// Returns SIZE of MAIL (RFC 1870 section 6.1); nullopt if it is absent or not a number.
std::optional<std::uint64_t> announced_size(std::string_view argument);

// An IPv4 address in network byte order.
using Ipv4Octets = std::array<std::uint8_t, 4>;

// Returns the IPv4 address if the domain of an address is a literal without tag, as in
// "postmaster@[192.0.2.1]". Its numbers may have leading zeros but not exceed 255.
std::optional<Ipv4Octets> domain_literal(std::string_view address);

// Returns the IPv6 address if the domain of an address is a literal of one, as in
// "postmaster@[IPv6:2001:db8::1]".
std::optional<base::IpAddress> ipv6_domain_literal(std::string_view address);

}  // namespace reqmail::proto
