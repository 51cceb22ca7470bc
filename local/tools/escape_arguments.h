// The arguments of a program that qsmhook runs, with sendmail's conventions for local mailers.
// This code does no input or output.
#pragma once

#include <string>
#include <string_view>

namespace reqmail::local {

struct MailerMacros {
  std::string_view user;    // %u
  std::string_view host;    // %h
  std::string_view sender;  // %g
};

// Returns the argument with %u, %h, %g and %% replaced; '%' and any other letter after it are
// removed.
std::string expand_macros(std::string_view argument, const MailerMacros& macros);

}  // namespace reqmail::local
