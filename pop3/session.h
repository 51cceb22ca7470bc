// A POP3 session over a maildir, which is the working directory: the work of qmail-pop3d.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "local/maildir_reader.h"
#include "proto/pop3.h"
#include "sys/patience.h"
#include "sys/stream.h"

namespace reqmail::pop3 {

// What a POP3 client may take for a command line, and for a gap while it receives a message.
inline constexpr base::Seconds kPop3Timeout{1200};

class Pop3Session {
 public:
  // Takes the streams for the time of the session, and limits how long their peer is waited
  // for; replies are written when the next read would have to wait.
  Pop3Session(std::vector<local::MaildirEntry> messages, sys::Reader& input,
              sys::Writer& output);

  // From the greeting to QUIT, or until the client is gone or silent for too long.
  void run();

 private:
  bool command();
  bool send(const proto::Pop3Retrieval& retrieval);
  void quit();

  std::vector<local::MaildirEntry> files_;
  proto::Pop3Mailbox mailbox_;
  sys::Reader& input_;
  sys::Writer& output_;
  sys::Patience patience_;
};

}  // namespace reqmail::pop3
