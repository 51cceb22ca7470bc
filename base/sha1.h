// SHA-1 (RFC 3174), for the tokens of SRS alone: it is not secure against collisions, which
// HMAC does not need.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/hash_blocks.h"

namespace reqmail::base {

// Computes a digest piece by piece.
class Sha1 {
 public:
  using Digest = std::array<std::uint8_t, 20>;

  void add(std::string_view bytes);

  // Returns the digest. The object must not be used afterwards, and its state is overwritten.
  Digest finish();

 private:
  void take_block(const HashBlocks::Block& block);

  std::array<std::uint32_t, 5> state_ = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476,
                                         0xc3d2e1f0};
  HashBlocks blocks_;
};

}  // namespace reqmail::base
