// Where the scripts are that start qmail's programs, and the rules of their listeners.
#pragma once

#include <string>
#include <vector>

#include "legacy/script_text.h"
#include "survey/findings.h"

namespace reqmail::survey {

// A run script, init script, unit, or inetd's table that mentions qmail.
struct ServiceScript {
  std::string path;
  std::string text;
  legacy::ScriptFacts facts;
  // Of its environment directories too.
  std::vector<legacy::Setting> settings;
};

// Rules of tcpserver, as text or compiled.
struct RuleFile {
  std::string path;
  std::vector<legacy::Setting> settings;
  bool compiled = false;
};

// A script that runs a logger, with the patterns by which multilog selects lines
// ("+*CHKUSER*").
struct LogScript {
  std::string path;
  std::vector<std::string> patterns;
};

struct Services {
  std::vector<ServiceScript> scripts;
  std::vector<LogScript> logs;
  std::vector<RuleFile> rules;
  // What could not be read.
  std::vector<Finding> findings;
};

// Looks at /service, /var/service, /etc/service, /etc/sv, /run/service, HOME/supervise,
// /etc/init.d, /etc/rc.d, systemd's directories, inetd and xinetd, HOME/rc, at the files that
// these source, and at the rules that these name or that lie in the usual places: HOME/control/
// tcp.*, /etc/tcp*, /etc/tcprules.d and their kind. `root` is a prefix of every path of the
// system (for tests; empty otherwise).
Services find_services(const std::string& home, const std::string& root);

}  // namespace reqmail::survey
