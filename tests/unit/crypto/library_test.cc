// What the library can do after it was set up.
#include "crypto/library.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <string>

#include "crypto/digest.h"
#include "crypto/public_key.h"

namespace reqmail::crypto {
namespace {

// Ends with 0 if hashing, and parsing a key, work while no file can be opened.
void work_without_files() {
  prepare_library();
  const rlimit none{0, 0};
  if (::setrlimit(RLIMIT_NOFILE, &none) != 0) {
    ::_exit(2);
  }
  const bool hashed = sha256("abc").size() == 32;
  const bool parsed = PublicKey::ed25519(std::string(32, '\x01')).has_value();
  ::_exit(hashed && parsed ? 0 : 1);
}

TEST(Library, NeedsNoFilesAfterwards) {
  EXPECT_EXIT(work_without_files(), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace reqmail::crypto
