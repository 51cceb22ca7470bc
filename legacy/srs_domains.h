// The file control/srsdomains of s/qmail, from which srsforward and srsreverse take their
// secrets, as the srs_* files say the same.
//
// A line is "DOMAIN:SECRET SECRET...|SEPARATOR|ADDRESS": mail forwarded by a recipient in
// DOMAIN ("*": in any) gets a sender in ADDRESS, in ADDRESS and DOMAIN if ADDRESS ends with a
// dot ("srs."), or in DOMAIN without one. "!DOMAIN:" takes DOMAIN out.
#pragma once

#include <string>
#include <vector>

namespace reqmail::legacy {

struct SrsFiles {
  // The first domain that a line gives to senders; empty if no line gives a fixed one.
  std::string domain;
  // Those of all lines, in their order, each once: the first one of the domain's line leads.
  std::vector<std::string> secrets;
  char separator = '=';
  // Lines ask for different domains or separators, or take domains out; one is used for all.
  bool merged = false;
};

// `lines` are those of the file without comments and empty lines. Malformed ones are left out.
SrsFiles convert_srs_domains(const std::vector<std::string>& lines);

}  // namespace reqmail::legacy
