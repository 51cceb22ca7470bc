#include "crypto/key_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <optional>
#include <string_view>
#include <utility>

#include "base/number.h"
#include "base/text.h"
#include "base/wipe.h"
#include "crypto/public_key.h"
#include "sys/descriptor_io.h"
#include "sys/error.h"
#include "sys/fd.h"
#include "sys/file.h"
#include "sys/stream.h"

namespace reqmail::crypto {

namespace {

constexpr std::size_t kFileMax = std::size_t{64} << 10;

// Returns why the file must not be used; empty if it may be.
std::string_view objection(const struct ::stat& file) {
  if (!S_ISREG(file.st_mode)) {
    return "not a regular file";
  }
  if ((file.st_mode & (S_IROTH | S_IWOTH)) != 0) {
    return "every user can read or change it";
  }
  if (file.st_uid != 0 && file.st_uid != ::geteuid()) {
    return "it belongs to another user";
  }
  return {};
}

Result<PrivateKey> parse(std::string_view text) {
  auto key = PrivateKey::from_pem(text);
  if (!key) {
    return temporary("no private key in PEM of RSA or Ed25519 without a password");
  }
  if (key->kind() == KeyKind::rsa && (key->bits() < kRsaBitsMin || key->bits() > kRsaBitsMax)) {
    return temporary(
        base::concat({"the RSA key has ", base::decimal(key->bits()), " bits, not ",
                      base::decimal(kRsaBitsMin), " to ", base::decimal(kRsaBitsMax)}));
  }
  return *std::move(key);
}

Failure about(std::string_view path, std::string_view why) {
  return temporary(base::concat({path, ": ", why}));
}

}  // namespace

Result<sys::Fd> open_key_file(const std::string& path) {
  auto file = sys::open_regular_read(path);
  if (!file) {
    return about(path, sys::error_text(file.error().error));
  }
  const auto status = sys::status(file->get());
  if (!status) {
    return about(path, sys::error_text(status.error().error));
  }
  if (const auto why = objection(*status); !why.empty()) {
    return about(path, why);
  }
  return file;
}

Result<PrivateKey> read_private_key(int file, const std::string& path) {
  auto text = sys::read_all(file, kFileMax);
  if (!text) {
    return about(path, sys::error_text(text.error().error));
  }
  auto key = parse(*text);
  base::wipe(*text);
  if (!key) {
    return about(path, key.error().text);
  }
  return key;
}

Result<PrivateKey> read_private_key(const std::string& path) {
  const auto file = open_key_file(path);
  if (!file) {
    return file.error();
  }
  return read_private_key(file->get(), path);
}

}  // namespace reqmail::crypto
