// The arguments of a program run by qsmhook (qsmhook follows sendmail's conventions for local
// mailers). No I/O.
#pragma once

#include <string>
#include <string_view>

namespace reqmail::local {

struct MailerMacros {
  std::string_view user;    // %u
  std::string_view host;    // %h
  std::string_view sender;  // %g
};

// An argument with %u, %h, %g and %% replaced; any other letter behind '%' goes with it.
std::string expand_macros(std::string_view argument, const MailerMacros& macros);

}  // namespace reqmail::local
