// The command line of qmail-listen: the options of tcpserver(1), addresses and ports, and the
// program.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace reqmail::listen {

struct ConnectionLimits {
  std::size_t of_address = 0;  // 0: no limit
  std::size_t of_network = 0;
};

// What a connection gets before its program.
struct ConnectionOptions {
  std::string banner;
  std::string rules;  // empty: every connection is accepted
  bool rules_may_be_absent = false;
  bool no_delay = false;
  bool keeps_ip_options = false;
  bool remote_host = true;
  bool verifies_remote_host = false;
  std::optional<std::string> local_host;  // absent: it is looked up
  bool remote_info = true;
  base::Seconds remote_info_timeout{26};
  ConnectionLimits limits;
};

enum class Verbosity { quiet, errors, all };

struct ListenerOptions {
  ConnectionOptions connection;
  Verbosity verbosity = Verbosity::errors;
  std::size_t connections = 40;
  unsigned backlog = 20;
  std::optional<std::uint32_t> uid;
  std::optional<std::uint32_t> gid;
  bool ids_from_environment = false;  // -U
  bool prints_port = false;
  std::vector<std::string> hosts;
  std::vector<std::string> ports;
  std::vector<std::string> program;
};

// Hosts and ports are lists separated by commas.
inline constexpr std::string_view kListenerUsage =
    "qmail-listen: usage: qmail-listen [ -1UXpPhHrRoOdDqQv ] [ -c limit ] [ -C address-limit ] "
    "[ -N network-limit ] [ -x rules.cdb ] [ -B banner ] [ -g gid ] [ -u uid ] [ -b backlog ] "
    "[ -l localname ] [ -t timeout ] host[,host...] port[,port...] program [ argument ... ]\n";

// Returns nullopt if the arguments do not have the form of kListenerUsage. A limit, a backlog
// and an id must be numbers above 0.
std::optional<ListenerOptions> parse_listener_options(int argc, char** argv);

}  // namespace reqmail::listen
