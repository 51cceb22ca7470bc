// The rules of tcprules(1), by which a listener accepts or denies connections and sets
// variables for the program that serves them.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "net/peer_environment.h"

namespace reqmail::listen {

struct ConnectionRule {
  bool denied = false;
  std::vector<std::pair<std::string, std::string>> variables;
};

// Returns the keys of the rules for a connection, the most specific first. A prefix of an IPv4
// address ends with a dot; one of an IPv6 address, which has the form of RFC 5952, with a
// colon.
std::vector<std::string> rule_keys(const net::PeerNames& peer);

// Parses the value of a rule in the database: 'D' for deny, '+' and NAME=VALUE for a variable,
// each followed by a NUL. Other items are ignored, as tcpserver does.
ConnectionRule parse_connection_rule(std::string_view value);

// Returns the first rule for the connection in a database that tcprules has made. If none
// applies, the connection is accepted. Failure.error is the errno; ENOENT if there is no file.
Result<ConnectionRule> find_connection_rule(const std::string& path,
                                            const net::PeerNames& peer);

}  // namespace reqmail::listen
