// What the library can do after it was set up.
#include "crypto/library.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <string>

#include "base/base64.h"
#include "crypto/digest.h"
#include "crypto/public_key.h"
#include "tests/unit/support/signed_messages.h"

namespace reqmail::crypto {
namespace {

// Ends with 0 if hashing, parsing keys and verifying work while no file can be opened.
void work_without_files(void (*prepare)()) {
  prepare();
  const rlimit none{0, 0};
  if (::setrlimit(RLIMIT_NOFILE, &none) != 0) {
    ::_exit(2);
  }
  const bool hashed = sha256("abc").size() == 32;
  const bool parsed = PublicKey::ed25519(std::string(32, '\x01')).has_value();
  const auto rsa =
      PublicKey::rsa(*base::decode_base64(test::kRsaKey.substr(test::kRsaKey.find("p=") + 2)));
  ::_exit(hashed && parsed && rsa && !rsa->verify("text", std::string(128, 'x')) ? 0 : 1);
}

TEST(Library, NeedsNoFilesAfterwards) {
  EXPECT_EXIT(work_without_files(prepare_library), ::testing::ExitedWithCode(0), "");
  EXPECT_EXIT(work_without_files(prepare_verification), ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace reqmail::crypto
