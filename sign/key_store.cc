#include "sign/key_store.h"

#include <utility>

#include "crypto/key_file.h"

namespace reqmail::sign {

namespace {

// A key that does not sign here will not do so in a child, which says so.
void prepare(const crypto::PrivateKey& key) {
  (void)key.sign({});
}

}  // namespace

Result<std::uint64_t> KeyStore::number_of(const std::string& path) {
  // It is looked at before it is read: if it changes in between, it is read again next time.
  const auto version = sys::file_version(path);
  const auto known = files_.find(path);
  if (known != files_.end()) {
    Kept& kept = known->second;
    if (version == kept.version) {
      if (++kept.uses % kUsesMax == 0) {
        prepare(*keys_[kept.number]);
      }
      return kept.number;
    }
    (void)keys_.erase(kept.number);
    files_.erase(known);
  }
  auto key = crypto::read_private_key(path);
  if (!key) {
    return key.error();
  }
  if (keys_.size() >= kKeysMax) {
    files_.clear();
    keys_.clear();
  }
  prepare(*key);
  const std::uint64_t number = ++last_number_;
  keys_[number] = std::make_shared<const crypto::PrivateKey>(*std::move(key));
  if (version) {
    files_[path] = Kept{*version, number, 0};
  }
  return number;
}

std::shared_ptr<const crypto::PrivateKey> KeyStore::find(std::uint64_t number) const {
  const auto found = keys_.find(number);
  return found == keys_.end() ? nullptr : found->second;
}

}  // namespace reqmail::sign
