// The arguments of a local delivery, which qmail-lspawn passes to qmail-local (qmail-local(8)).
#pragma once

#include <string>

namespace reqmail::local {

struct Request {
  // Only print what would be done.
  bool describe = false;
  std::string user;
  // The home directory, which begins with '/'.
  std::string home;
  // The recipient is local@host.
  std::string local;
  // The part between "~/.qmail" and the extension in file names.
  std::string dash;
  std::string ext;
  std::string host;
  std::string sender;
  // The instructions for an address whose .qmail file does not exist or is empty.
  std::string default_instructions;
};

}  // namespace reqmail::local
