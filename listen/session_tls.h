// TLS of one session of a server: the dialogue around the handshake, which SMTP and POP3 share.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sys/stream.h"
#include "tls/start_tls.h"

namespace reqmail::listen {

class SessionTls {
 public:
  // What the client is told: when it may begin, and why it may not.
  struct Replies {
    std::string ready;
    std::function<std::string(const Failure&)> refused;
  };

  enum class Answer {
    secured,
    refused,  // the client was told why, and the session goes on in clear
    lost,     // the session is over
  };

  // `program` names the server in its log. All must outlive this object.
  SessionTls(std::string_view program, tls::StartTls& start, sys::Reader& input,
             sys::Writer& output)
      : program_(program), start_(start), input_(input), output_(output) {}

  [[nodiscard]] bool offered() const { return start_.offered(); }

  // Answers STARTTLS or STLS. What the client sent after it is forgotten, since it may come
  // from somebody else. What goes wrong is one line in the log.
  Answer answer(const tls::TlsRequest& request, const Replies& replies);

  // TLS from the first byte on, in two steps; the Failure of the first is the caller's to
  // report.
  Result<void> prepare(const tls::TlsRequest& request) { return start_.prepare(request); }

  // The handshake: input and output go on in TLS. False: the session is over, as the log says.
  bool secure(const tls::TlsRequest& request);

  // What the handshake brought; its connection is null before that.
  [[nodiscard]] const tls::TlsOutcome& outcome() const { return outcome_; }

  // The end of the session, after everything was written.
  void close();

 private:
  std::string_view program_;
  tls::StartTls& start_;
  sys::Reader& input_;
  sys::Writer& output_;
  tls::TlsOutcome outcome_;
};

}  // namespace reqmail::listen
