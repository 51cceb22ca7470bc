// Parses control/smtproutes and control/authsenders in the dialects of patches.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace reqmail::legacy {

enum class RouteForm {
  plain,      // domain:relay[:port], or a line without a meaning
  bars,       // domain:relay[:port]|user|password
  blanks,     // domain:relay[:port] user password (QMailToaster, qmail-ldap)
  semicolon,  // domain:relay;port[|user|password] (s/qmail)
  // These have no equivalent in our form:
  null_sender,  // !@:relay (s/qmail)
  flags,        // relay:port:penalty:tolerance, or a word that begins with '/' (indimail)
};

struct Route {
  RouteForm form = RouteForm::plain;
  // The line in our form, or unchanged if it has no equivalent there.
  std::string line;
  std::string domain;
  std::string relay;
  std::string port;
  // Whether the line has a user and a password.
  bool credentials = false;
};

// Parses one line of the file, which is trimmed, not empty and not a comment.
Route read_route(std::string_view line);

// A whole file in which lines in other dialects are converted to our form; comments and other
// lines are unchanged.
struct RoutesText {
  std::string text;
  std::vector<Route> routes;
  bool changed = false;
};

RoutesText convert_routes(std::string_view text);

// Returns whether the relay is this host: 127.0.0.0/8 or localhost, with or without brackets.
bool is_loopback(std::string_view relay);

// Returns a relay's name in lower case, as the name of a file in control/notlshosts; empty for
// an address literal or an invalid name.
std::string relay_file_name(std::string_view relay);

}  // namespace reqmail::legacy
