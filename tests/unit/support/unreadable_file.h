// A file that cannot be read, as on a damaged disk.
#pragma once

#include <cerrno>
#include <cstddef>
#include <string_view>

#include "queue/files.h"

namespace reqmail::testing {

class UnreadableFile final : public queue::File {
 public:
  Result<void> write(std::string_view /*bytes*/) override { return {}; }

  Result<void> write_at(std::uint64_t /*offset*/, std::string_view /*bytes*/) override {
    return {};
  }

  Result<std::size_t> read(char* /*buffer*/, std::size_t /*size*/) override {
    return temporary("unable to read", EIO);
  }

  Result<void> sync() override { return {}; }

  void begin_writeback() override {}

  Result<queue::FileStatus> status() override { return queue::FileStatus(); }
};

}  // namespace reqmail::testing
