#include "base/sha1.h"

#include <bit>

#include "base/wipe.h"

namespace reqmail::base {

namespace {

constexpr std::size_t kSteps = 80;
constexpr std::size_t kStepsOfARound = 20;

std::uint32_t word_at(const HashBlocks::Block& block, std::size_t at) {
  return static_cast<std::uint32_t>(block[at]) << 24 |
         static_cast<std::uint32_t>(block[at + 1]) << 16 |
         static_cast<std::uint32_t>(block[at + 2]) << 8 |
         static_cast<std::uint32_t>(block[at + 3]);
}

// The function and the constant of a round (RFC 3174 section 5).
std::uint32_t mixed(std::size_t round, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
  switch (round) {
  case 0:
    return ((b & c) | (~b & d)) + 0x5a827999;
  case 1:
    return (b ^ c ^ d) + 0x6ed9eba1;
  case 2:
    return ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
  default:
    return (b ^ c ^ d) + 0xca62c1d6;
  }
}

}  // namespace

void Sha1::take_block(const HashBlocks::Block& block) {
  std::array<std::uint32_t, kSteps> words;
  for (std::size_t i = 0; i < kSteps; ++i) {
    words[i] = i < 16
                   ? word_at(block, 4 * i)
                   : std::rotl(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1);
  }
  auto [a, b, c, d, e] = state_;
  for (std::size_t i = 0; i < kSteps; ++i) {
    const std::uint32_t sum =
        std::rotl(a, 5) + mixed(i / kStepsOfARound, b, c, d) + e + words[i];
    e = d;
    d = c;
    c = std::rotl(b, 30);
    b = a;
    a = sum;
  }
  state_ = {state_[0] + a, state_[1] + b, state_[2] + c, state_[3] + d, state_[4] + e};
  overwrite(words);
}

void Sha1::add(std::string_view bytes) {
  blocks_.add(bytes, [this](const HashBlocks::Block& block) { take_block(block); });
}

Sha1::Digest Sha1::finish() {
  blocks_.finish(std::endian::big,
                 [this](const HashBlocks::Block& block) { take_block(block); });
  Digest digest;
  for (std::size_t i = 0; i < digest.size(); ++i) {
    digest[i] = static_cast<std::uint8_t>(state_[i / 4] >> (24 - 8 * (i % 4)));
  }
  overwrite(state_);
  return digest;
}

}  // namespace reqmail::base
