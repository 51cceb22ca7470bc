#include "tls/rehearsal.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>
#include <memory>

#include "tls/error.h"

namespace reqmail::tls {

namespace {

struct FreeConnection {
  void operator()(SSL* object) const { SSL_free(object); }

  void operator()(SSL_CTX* object) const { SSL_CTX_free(object); }
};

template <typename T>
using Owned = std::unique_ptr<T, FreeConnection>;

// More messages than a handshake has.
constexpr int kRoundsMax = 20;

// Each side reads what the other has written until both have finished.
bool shake_hands(SSL* client, SSL* server) {
  for (int round = 0; round < kRoundsMax; ++round) {
    const bool client_done = SSL_do_handshake(client) == 1;
    const bool server_done = SSL_do_handshake(server) == 1;
    if (client_done && server_done) {
      return true;
    }
  }
  return false;
}

// The first bytes in each direction.
void exchange(SSL* from, SSL* to) {
  std::array<char, 1> byte = {'x'};
  (void)SSL_write(from, byte.data(), static_cast<int>(byte.size()));
  (void)SSL_read(to, byte.data(), static_cast<int>(byte.size()));
}

bool rehearse(SSL_CTX* server_context, int version) {
  const Owned<SSL_CTX> client_context(SSL_CTX_new(TLS_client_method()));
  if (client_context == nullptr ||
      SSL_CTX_set_max_proto_version(client_context.get(), version) != 1) {
    return false;
  }
  const Owned<SSL> client(SSL_new(client_context.get()));
  const Owned<SSL> server(SSL_new(server_context));
  BIO* client_end = nullptr;
  BIO* server_end = nullptr;
  constexpr std::size_t kRoom = std::size_t{64} << 10;
  if (client == nullptr || server == nullptr ||
      BIO_new_bio_pair(&client_end, kRoom, &server_end, kRoom) != 1) {
    return false;
  }
  SSL_set_bio(client.get(), client_end, client_end);
  SSL_set_bio(server.get(), server_end, server_end);
  SSL_set_connect_state(client.get());
  SSL_set_accept_state(server.get());
  if (!shake_hands(client.get(), server.get())) {
    return false;
  }
  exchange(client.get(), server.get());
  exchange(server.get(), client.get());
  return true;
}

}  // namespace

Result<void> rehearse_handshakes(const Context& server) {
  ERR_clear_error();
  bool done = true;
  for (const int version : {TLS1_3_VERSION, TLS1_2_VERSION}) {
    done = rehearse(server.get(), version) && done;
  }
  const Result<void> result =
      done ? Result<void>() : Result<void>(tls_failure("unable to rehearse a handshake"));
  ERR_clear_error();
  return result;
}

}  // namespace reqmail::tls
