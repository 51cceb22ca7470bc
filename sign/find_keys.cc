#include "sign/find_keys.h"

#include <utility>

#include "crypto/key_file.h"
#include "sign/key_choice.h"

namespace reqmail::sign {

Result<std::vector<SigningKey>> key_places(const SignerSettings& settings, const KeyUse& use) {
  if (use) {
    return settings.only ? choose_named_key(*settings.only, *use)
                         : choose_keys(settings.lists, *use);
  }
  if (settings.arcseal.empty()) {
    return std::vector<SigningKey>();
  }
  return std::vector<SigningKey>{settings.arcseal.front().keys.front()};
}

FindKeys find_in_files(const SignerSettings& settings) {
  return [&settings](const KeyUse& use) -> Result<std::vector<LoadedKey>> {
    auto places = key_places(settings, use);
    if (!places) {
      return places.error();
    }
    std::vector<LoadedKey> loaded;
    for (SigningKey& place : *places) {
      auto key = crypto::read_private_key(place.path);
      if (!key) {
        return key.error();
      }
      loaded.push_back(
          {std::move(place), std::make_shared<const crypto::PrivateKey>(*std::move(key))});
    }
    return loaded;
  };
}

}  // namespace reqmail::sign
