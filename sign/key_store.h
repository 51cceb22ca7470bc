// Keys that a signer keeps in memory, since reading one costs more than a signature. The first
// signature with a key prepares what the later ones need, in the library and in the key; here
// it is made at once, so that children need not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "base/result.h"
#include "crypto/private_key.h"
#include "sys/file_version.h"

namespace reqmail::sign {

class KeyStore {
 public:
  // The number of keys that are kept.
  static constexpr std::size_t kKeysMax = 1000;
  // A key is given to so many children before it signs here again: all of them have the
  // blinding of RSA that each signature of this process changes.
  static constexpr unsigned kUsesMax = 32;

  // Returns the number of the key in a file, which is read if it is not known or has changed.
  // The Failure is that of crypto::read_private_key().
  Result<std::uint64_t> number_of(const std::string& path);

  // Returns the highest number that a key has got; each new key gets a higher one.
  [[nodiscard]] std::uint64_t newest() const { return last_number_; }

  // Returns a key by its number; null if this store does not have it (any more).
  [[nodiscard]] std::shared_ptr<const crypto::PrivateKey> find(std::uint64_t number) const;

 private:
  struct Kept {
    sys::FileVersion version;
    std::uint64_t number = 0;
    unsigned uses = 0;
  };

  std::map<std::string, Kept> files_;
  std::map<std::uint64_t, std::shared_ptr<const crypto::PrivateKey>> keys_;
  std::uint64_t last_number_ = 0;
};

}  // namespace reqmail::sign
