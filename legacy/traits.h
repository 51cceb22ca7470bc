// What an older qmail can do, as far as other checks ask for it.
#pragma once

namespace reqmail::legacy {

// A capability of the old programs that other checks ask for.
enum class Trait {
  reqmail,      // they are ours already
  sagredo,      // the combined patch of that name
  qregex,       // badmailfrom holds regular expressions
  server_tls,   // qmail-smtpd speaks STARTTLS
  client_tls,   // qmail-remote speaks STARTTLS
  server_auth,  // qmail-smtpd speaks AUTH
  server_cram,  // CRAM-MD5 too
  // SMTPAUTH decides whether it does; without this trait its arguments alone do
  auth_by_variable,
  // it asks chkuser about recipients
  chkuser,
  // only where CHKUSER_START is set
  chkuser_by_variable,
  forces_tls,   // it refuses AUTH in clear unless told otherwise
  client_auth,  // qmail-remote logs in
  qmqp_queue    // qmail-queue is qmail-qmqpc (upgrade/mini_host.h)
};

}  // namespace reqmail::legacy
