#include "listen/session_tls.h"

#include <utility>

#include "listen/tls_log.h"
#include "sys/descriptor_io.h"

namespace reqmail::listen {

// Errors of writing stay in the Writer and come up at its next flush.
SessionTls::Answer SessionTls::answer(const tls::TlsRequest& request, const Replies& replies) {
  if (!output_.flush()) {
    return Answer::lost;
  }
  if (auto ready = start_.prepare(request); !ready) {
    log_tls(program_, ready.error().text);
    (void)output_.put(replies.refused(ready.error()));
    return Answer::refused;
  }
  input_.discard_buffered();
  sys::drain(input_.connection().input());
  (void)output_.put(replies.ready);
  return output_.flush() && secure(request) ? Answer::secured : Answer::lost;
}

bool SessionTls::secure(const tls::TlsRequest& request) {
  input_.discard_buffered();
  auto begun = start_.begin(request, input_.connection());
  if (!begun) {
    log_tls(program_, begun.error().text);
    return false;
  }
  outcome_ = std::move(*begun);
  if (outcome_.connection) {
    input_.switch_to(*outcome_.connection);
    output_.switch_to(*outcome_.connection);
  }
  return true;
}

void SessionTls::close() {
  if (outcome_.connection) {
    outcome_.connection->close();
  }
  start_.close();
}

}  // namespace reqmail::listen
