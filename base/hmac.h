// HMAC (RFC 2104) of a hash class such as Md5 or Sha1.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/hash_blocks.h"
#include "base/wipe.h"

namespace reqmail::base {

template <typename Hash>
typename Hash::Digest digest_of(std::string_view first, std::string_view second = {}) {
  Hash hash;
  hash.add(first);
  hash.add(second);
  return hash.finish();
}

// The bytes of a digest, which must outlive the result.
template <typename Digest>
std::string_view digest_bytes(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

template <typename Hash>
typename Hash::Digest hmac(std::string_view key, std::string_view text) {
  constexpr std::uint8_t kInnerPad = 0x36;
  constexpr std::uint8_t kOuterPad = 0x5c;
  typename Hash::Digest short_key;
  if (key.size() > HashBlocks::kBlock) {
    short_key = digest_of<Hash>(key);
    key = digest_bytes(short_key);
  }
  const auto padded = [key](std::uint8_t pad) {
    std::string block(HashBlocks::kBlock, static_cast<char>(pad));
    for (std::size_t i = 0; i < key.size(); ++i) {
      block[i] = static_cast<char>(static_cast<std::uint8_t>(key[i]) ^ pad);
    }
    return block;
  };
  std::string inner_key = padded(kInnerPad);
  std::string outer_key = padded(kOuterPad);
  const auto inner = digest_of<Hash>(inner_key, text);
  const auto outer = digest_of<Hash>(outer_key, digest_bytes(inner));
  wipe(inner_key);
  wipe(outer_key);
  return outer;
}

}  // namespace reqmail::base
