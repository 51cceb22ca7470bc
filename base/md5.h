// MD5 (RFC 1321) and HMAC-MD5 (RFC 2104). They are only for CRAM-MD5 and APOP, since MD5 is not
// secure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/hash_blocks.h"

namespace reqmail::base {

inline constexpr std::size_t kMd5Size = 16;

// Computes a digest piece by piece.
class Md5 {
 public:
  using Digest = std::array<std::uint8_t, kMd5Size>;

  void add(std::string_view bytes);

  // Returns the digest. The object must not be used afterwards, and its state is overwritten.
  Digest finish();

 private:
  void take_block(const HashBlocks::Block& block);

  std::array<std::uint32_t, 4> state_ = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
  HashBlocks blocks_;
};

// Returns MD5 in lower-case hexadecimal digits.
std::string md5_hex(std::string_view text);

// Returns HMAC-MD5 in lower-case hexadecimal digits.
std::string hmac_md5_hex(std::string_view key, std::string_view text);

}  // namespace reqmail::base
