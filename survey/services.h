// Finds the scripts that start qmail's programs, and the rules of their listeners.
#pragma once

#include <string>
#include <vector>

#include "legacy/script_text.h"
#include "survey/findings.h"

namespace reqmail::survey {

// A run script, init script, unit or table of inetd that mentions qmail.
struct ServiceScript {
  std::string path;
  std::string text;
  legacy::ScriptFacts facts;
  // The settings of the script and of its environment directories.
  std::vector<legacy::Setting> settings;
};

// A file with rules of tcpserver, as text or compiled.
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
  // The findings on files that could not be read.
  std::vector<Finding> findings;
};

// Examines /service, /var/service, /etc/service, /etc/sv, /run/service, HOME/supervise,
// /etc/init.d, /etc/rc.d, systemd's directories, inetd and xinetd, and HOME/rc, the files that
// these source, and the rules that these name or that are in the usual places:
// HOME/control/tcp.*, /etc/tcp*, /etc/tcprules.d and similar ones. `root` is a prefix for every
// path of the system, for tests; otherwise it is empty.
Services find_services(const std::string& home, const std::string& root);

}  // namespace reqmail::survey
