#include "crypto/digest.h"

#include <openssl/evp.h>

#include <array>

#include "crypto/handles.h"

namespace reqmail::crypto {

namespace {

// EVP_sha256() would be looked up among all methods of the library at each use. It is fetched
// once, and children have it from their parent.
const EVP_MD* method() {
  static const EVP_MD* const fetched = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return fetched;
}

}  // namespace

struct Sha256::State {
  DigestContext context{EVP_MD_CTX_new()};
  bool sound = false;
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  state_->sound = state_->context != nullptr && method() != nullptr &&
                  EVP_DigestInit_ex(state_->context.get(), method(), nullptr) == 1;
}

Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;
Sha256::~Sha256() = default;

void Sha256::update(std::string_view bytes) {
  state_->sound =
      state_->sound && EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()) == 1;
}

std::string Sha256::finish() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes = {};
  unsigned size = 0;
  if (!state_->sound || EVP_DigestFinal_ex(state_->context.get(), bytes.data(), &size) != 1) {
    return {};
  }
  return {bytes.begin(), bytes.begin() + size};
}

std::string sha256(std::string_view bytes) {
  Sha256 digest;
  digest.update(bytes);
  return digest.finish();
}

}  // namespace reqmail::crypto
