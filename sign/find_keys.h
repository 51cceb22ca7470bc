// The keys of a message, ready to sign.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "crypto/private_key.h"
#include "sign/settings.h"

namespace reqmail::sign {

struct LoadedKey {
  SigningKey where;
  std::shared_ptr<const crypto::PrivateKey> key;
};

// What keys are for: the DKIM signatures of messages of a domain, or the ARC seal.
using KeyUse = std::optional<std::string>;
inline constexpr std::nullopt_t kArcKey = std::nullopt;

// Returns the keys of one use. The Failure, which is temporary, has the text "PATH: why".
using FindKeys = std::function<Result<std::vector<LoadedKey>>(const KeyUse&)>;

// Returns the places of the keys of one use according to the settings, as choose_keys() does.
Result<std::vector<SigningKey>> key_places(const SignerSettings& settings, const KeyUse& use);

// Returns a FindKeys that reads the files. `settings` must outlive it.
FindKeys find_in_files(const SignerSettings& settings);

}  // namespace reqmail::sign
