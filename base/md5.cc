#include "base/md5.h"

#include <bit>

#include "base/hex.h"
#include "base/hmac.h"
#include "base/wipe.h"

namespace reqmail::base {

namespace {

constexpr std::size_t kSteps = 64;

// Each is the integer part of 2^32 times |sin(i + 1)|.
constexpr std::array<std::uint32_t, kSteps> kSines = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613,
    0xfd469501, 0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193,
    0xa679438e, 0x49b40821, 0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d,
    0x02441453, 0xd8a1e681, 0xe7d3fbc8, 0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed,
    0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a, 0xfffa3942, 0x8771f681, 0x6d9d6122,
    0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70, 0x289b7ec6, 0xeaa127fa,
    0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665, 0xf4292244,
    0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb,
    0xeb86d391};

// The number of bits by which each step of a round rotates.
constexpr std::array<std::array<int, 4>, 4> kRotations = {
    {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}}};

std::uint32_t word_at(const HashBlocks::Block& block, std::size_t at) {
  return static_cast<std::uint32_t>(block[at]) |
         static_cast<std::uint32_t>(block[at + 1]) << 8 |
         static_cast<std::uint32_t>(block[at + 2]) << 16 |
         static_cast<std::uint32_t>(block[at + 3]) << 24;
}

std::string in_hex(const Md5::Digest& digest) {
  return hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

}  // namespace

void Md5::take_block(const HashBlocks::Block& block) {
  auto [a, b, c, d] = state_;
  for (std::size_t i = 0; i < kSteps; ++i) {
    const std::size_t round = i / 16;
    std::uint32_t mixed = 0;
    std::size_t word = 0;
    switch (round) {
    case 0:
      mixed = (b & c) | (~b & d);
      word = i;
      break;
    case 1:
      mixed = (d & b) | (~d & c);
      word = 5 * i + 1;
      break;
    case 2:
      mixed = b ^ c ^ d;
      word = 3 * i + 5;
      break;
    default:
      mixed = c ^ (b | ~d);
      word = 7 * i;
      break;
    }
    const std::uint32_t sum = a + mixed + kSines[i] + word_at(block, 4 * (word % 16));
    a = d;
    d = c;
    c = b;
    b += std::rotl(sum, kRotations[round][i % 4]);
  }
  state_ = {state_[0] + a, state_[1] + b, state_[2] + c, state_[3] + d};
}

void Md5::add(std::string_view bytes) {
  blocks_.add(bytes, [this](const HashBlocks::Block& block) { take_block(block); });
}

Md5::Digest Md5::finish() {
  blocks_.finish(std::endian::little,
                 [this](const HashBlocks::Block& block) { take_block(block); });
  Digest digest;
  for (std::size_t i = 0; i < digest.size(); ++i) {
    digest[i] = static_cast<std::uint8_t>(state_[i / 4] >> (8 * (i % 4)));
  }
  overwrite(state_);
  return digest;
}

std::string md5_hex(std::string_view text) {
  return in_hex(digest_of<Md5>(text));
}

std::string hmac_md5_hex(std::string_view key, std::string_view text) {
  return in_hex(hmac<Md5>(key, text));
}

}  // namespace reqmail::base
