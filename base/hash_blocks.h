// The part that MD5 and SHA-1 have in common: the message is divided into blocks of 64 bytes,
// the last of which has padding and the length in bits (RFC 1321 section 3, RFC 3174 section
// 4).
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/wipe.h"

namespace reqmail::base {

class HashBlocks {
 public:
  static constexpr std::size_t kBlock = 64;
  using Block = std::array<std::uint8_t, kBlock>;

  // Each calls `take` for every block that is complete.
  template <typename Take>
  void add(std::string_view bytes, Take take) {
    while (!bytes.empty()) {
      const std::size_t used = size_ % kBlock;
      const std::size_t count = std::min(bytes.size(), kBlock - used);
      std::copy_n(bytes.begin(), count, block_.begin() + static_cast<std::ptrdiff_t>(used));
      size_ += count;
      bytes.remove_prefix(count);
      if (size_ % kBlock == 0) {
        take(block_);
      }
    }
  }

  // Adds the end of the message; `order` is that of the bytes of the length. Overwrites the
  // last block.
  template <typename Take>
  void finish(std::endian order, Take take) {
    std::array<char, 8> length = {};
    const std::uint64_t bits = size_ * 8;
    for (std::size_t i = 0; i < length.size(); ++i) {
      const std::size_t byte = order == std::endian::little ? i : length.size() - 1 - i;
      length[i] = static_cast<char>(bits >> (8 * byte));
    }
    add("\x80", take);
    while (size_ % kBlock != kBlock - length.size()) {
      add(std::string_view("\0", 1), take);
    }
    add({length.data(), length.size()}, take);
    overwrite(block_);
  }

 private:
  Block block_ = {};
  std::uint64_t size_ = 0;
};

}  // namespace reqmail::base
