// One connection in TLS, over descriptors that it does not own.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "base/tlsa_record.h"
#include "sys/connection.h"
#include "tls/context.h"

struct ssl_st;  // OpenSSL's SSL

namespace reqmail::tls {

struct TimeLimits {
  base::Seconds handshake;  // of the whole handshake
  base::Seconds each;       // of each wait for the peer afterwards
  // Of everything, on the monotonic clock; absent: none.
  std::optional<std::chrono::milliseconds> end = std::nullopt;
};

// What the peer's certificate is worth.
struct PeerCertificate {
  // The e-mail addresses in its subject; empty unless its chain was verified.
  std::vector<std::string> addresses;
  // Why it was not verified, "" if there is no certificate; absent if it was.
  std::optional<std::string> verify_error;
};

// What could be done without waiting.
struct Moved {
  std::size_t count = 0;  // bytes
  bool ended = false;     // the peer said close_notify: nothing more will come from it
  // If nothing was moved: what must become possible before it is worth another try.
  bool needs_input = false;
  bool needs_output = false;
};

// A Failure has the errno of the descriptor, ETIMEDOUT, or EPROTO for what is no TLS. An end of
// the connection without close_notify is a Failure.
class Connection final : public sys::Connection {
 public:
  // The handshake as a server; the descriptors may be the same.
  static Result<std::unique_ptr<Connection>> accept(const Context& context, int input,
                                                    int output, const TimeLimits& limits);
  // The handshake as a client, which asks for `name` (SNI) unless it is empty. Nothing about
  // the server is checked.
  static Result<std::unique_ptr<Connection>> connect(const Context& context,
                                                     const std::string& name, int input,
                                                     int output, const TimeLimits& limits);
  // The same, and compares what the server shows with TLSA records and, where they name an
  // authority, with `name` and `other_names`; verify_dane() tells the result. The context was
  // made for this.
  static Result<std::unique_ptr<Connection>> connect(
      const Context& context, const std::string& name,
      const std::vector<base::TlsaRecord>& tlsa, const std::vector<std::string>& other_names,
      int input, int output, const TimeLimits& limits);
  ~Connection() override;

  Result<std::size_t> read(char* buffer, std::size_t size) override;
  Result<std::size_t> write_some(std::string_view bytes) override;
  void stop_at(std::chrono::milliseconds end) override;

  // As that of sys::DescriptorConnection. Handshakes need much more memory than what follows.
  void rest_in_silence();

  // Says close_notify.
  void close() override;

  [[nodiscard]] bool holds_unread() const override;

  [[nodiscard]] std::optional<sys::TlsFacts> tls() const override;

  // OpenSSL's name of the protocol, such as "TLSv1.3".
  [[nodiscard]] std::string version() const;

  [[nodiscard]] int input() const override;
  [[nodiscard]] int output() const override;

  // For a relay that must not wait: from stop_waiting() on the descriptors do not block, and
  // only the try_ functions may be used, until wait_again(). What try_write() did not take it
  // must be given again, in the same order. A Failure: no more can be read or written.
  void stop_waiting();
  void wait_again();
  Result<Moved> try_read(char* buffer, std::size_t size);
  Result<Moved> try_write(std::string_view bytes);

  [[nodiscard]] PeerCertificate peer() const;

  // For what only one program needs to ask.
  [[nodiscard]] ssl_st* get() const;

 private:
  struct State;

  explicit Connection(std::unique_ptr<State> state);

  static Result<std::unique_ptr<State>> prepare(const Context& context, int input, int output,
                                                const TimeLimits& limits);
  static Result<std::unique_ptr<Connection>> shake_hands(std::unique_ptr<State> state,
                                                         const TimeLimits& limits);

  std::unique_ptr<State> state_;
};

}  // namespace reqmail::tls
