// One local delivery: what qmail-lspawn tells qmail-local (qmail-local(8)).
#pragma once

#include <string>

namespace reqmail::local {

struct Request {
  // Only say what would be done.
  bool describe = false;
  std::string user;
  // Begins with '/'.
  std::string home;
  // The recipient is local@host.
  std::string local;
  // What stands between "~/.qmail" and the extension in file names.
  std::string dash;
  std::string ext;
  std::string host;
  std::string sender;
  // Instructions for an address without a .qmail file, or with an empty one.
  std::string default_instructions;
};

}  // namespace reqmail::local
