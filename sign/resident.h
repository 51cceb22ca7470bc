// A signer that stays, so that a delivery costs neither the loading of OpenSSL nor the reading
// of a key (qmail-sign(8)).
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <vector>

#include "base/result.h"
#include "mail/signing.h"
#include "sign/key_store.h"
#include "sign/settings.h"
#include "sys/child.h"
#include "sys/fd.h"
#include "sys/file_version.h"
#include "sys/packets.h"
#include "sys/poller.h"
#include "sys/process.h"

namespace reqmail::sign {

class Resident {
 public:
  // So many messages are signed at a time; further requests wait. There are never more
  // deliveries.
  static constexpr std::size_t kSigningsMax = 255;

  // Requests (mail/signing.h) come through `socket`; the current directory is qmail's home.
  explicit Resident(int socket);

  // Serves until all other ends of the socket are closed. For each request it forks a child,
  // which is confined before it reads the message, gets its keys through sign/key_talk.h and
  // writes the answer. Control files and keys are read again when they have changed. The
  // Failure says that it could not begin.
  Result<void> serve();

 private:
  struct Signing {
    sys::Child child;
    // The end of the pair for keys.
    sys::Fd talk;
    std::uint64_t newest_key = 0;
    std::optional<std::size_t> watch;
  };

  void watch(int child_signal);
  void take_requests();
  void begin(const mail::SigningRequest& request, const sys::Packet& packet);
  int sign(const mail::SigningRequest& request);
  void refresh_settings();
  void answer(Signing& signing);
  void reap(int child_signal);

  int socket_;
  std::optional<sys::Identity> identity_;
  KeyStore store_;
  Result<SignerSettings> settings_;
  std::vector<std::optional<sys::FileVersion>> settings_seen_;
  std::list<Signing> signings_;
  bool receiving_ = true;
  sys::Poller poller_;
  std::size_t signal_watch_ = 0;
  std::optional<std::size_t> request_watch_;
};

}  // namespace reqmail::sign
