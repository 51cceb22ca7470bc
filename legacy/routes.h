// control/smtproutes and control/authsenders in the dialects of the patches.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace reqmail::legacy {

enum class RouteForm {
  plain,      // domain:relay[:port], and what says nothing
  bars,       // domain:relay[:port]|user|password
  blanks,     // domain:relay[:port] user password (QMailToaster, qmail-ldap)
  semicolon,  // domain:relay;port[|user|password] (s/qmail)
  // Cannot be said in our form:
  null_sender,  // !@:relay (s/qmail)
  flags,        // relay:port:penalty:tolerance, or a word that begins with '/' (indimail)
};

struct Route {
  RouteForm form = RouteForm::plain;
  // In our form, where it can be said there; else as it was.
  std::string line;
  std::string domain;
  std::string relay;
  std::string port;
  // It logs in.
  bool credentials = false;
};

// One line of the file, trimmed, no comment, not empty.
Route read_route(std::string_view line);

// The whole file with the lines of other dialects in our form; comments and all else stay.
struct RoutesText {
  std::string text;
  std::vector<Route> routes;
  bool changed = false;
};

RoutesText convert_routes(std::string_view text);

// The relay is this host: 127.0.0.0/8 or localhost, in brackets or not.
bool is_loopback(std::string_view relay);

// A relay's name as a file in control/notlshosts, lower case; empty for address literals and
// what is no name.
std::string relay_file_name(std::string_view relay);

}  // namespace reqmail::legacy
