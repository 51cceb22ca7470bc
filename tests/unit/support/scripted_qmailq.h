// A stand-in for qmailq(8) in a private home, which has one conversation with the next client.
#pragma once

#include <functional>
#include <string>

#include "sys/child.h"
#include "sys/fd.h"

namespace reqmail::testing {

class ScriptedQmailq {
 public:
  // What another process says to its client; returns the exit code.
  using Script = std::function<int(const sys::Fd& client)>;

  // Makes the home and a bin/qmail-queue in it. Returns false if the system does not allow
  // this; the tests are skipped then.
  static bool make_home();

  ScriptedQmailq() = default;
  ScriptedQmailq(const ScriptedQmailq&) = delete;
  ScriptedQmailq& operator=(const ScriptedQmailq&) = delete;
  // Removes the socket.
  ~ScriptedQmailq();

  void serve(const Script& script);

  // Waits for the end of the conversation. Returns the result of the script; -1 for none.
  int result();

  // The parts of a conversation. next() returns the next packet; "<end>" if the client has no
  // more to say. await_opening() leaves the packet that opens the message unread: a stand-in
  // that is gone before it has come is one that nobody reached.
  static std::string next(const sys::Fd& client);
  static void await_opening(const sys::Fd& client);
  static void greet(const sys::Fd& client);

  static std::string socket_path();

 private:
  sys::Child child_;
};

}  // namespace reqmail::testing
