#include "cert/tickets.h"

#include <cerrno>

#include "base/number.h"
#include "base/text.h"
#include "base/wipe.h"
#include "cert/place.h"
#include "sys/error.h"
#include "sys/file.h"
#include "sys/identity.h"
#include "sys/owned_file.h"
#include "sys/secrets.h"
#include "tls/context.h"

namespace reqmail::cert {

namespace {

constexpr mode_t kTicketMode = 0640;

// Returns the keys in use; empty if the file is missing or, as the servers see it, malformed.
Result<std::string> present_keys(bool& odd) {
  auto keys = sys::read_file(std::string(kTicketFile), kPemLimit);
  if (!keys && keys.error().error != ENOENT) {
    return sys::system_failure(base::concat({"unable to read ", kTicketFile}),
                               keys.error().error);
  }
  if (!keys) {
    return std::string();
  }
  odd = keys->size() % tls::kTicketKeySize != 0 ||
        keys->size() > tls::kTicketKeysMax * tls::kTicketKeySize;
  if (odd) {
    base::wipe(*keys);
  }
  return keys;
}

}  // namespace

Result<std::string> rotate_tickets() {
  const auto group = sys::group_gid(sys::Group::nofiles);
  if (!group) {
    return temporary("qmail's groups are missing");
  }
  const auto lock = take_write_lock();
  if (!lock) {
    return lock.error();
  }
  bool odd = false;
  auto old = present_keys(odd);
  if (!old) {
    return old.error();
  }
  auto fresh = sys::random_bytes(tls::kTicketKeySize);
  if (!fresh) {
    return fresh.error();
  }
  std::string keys = base::concat({*fresh, *old});
  base::wipe(*fresh);
  base::wipe(*old);
  std::string kept = keys.substr(0, tls::kTicketKeysMax * tls::kTicketKeySize);
  base::wipe(keys);
  const std::size_t count = kept.size() / tls::kTicketKeySize;
  auto replaced =
      sys::replace_owned_file(std::string(kTicketFile), kept, {0, *group, kTicketMode});
  base::wipe(kept);
  if (!replaced) {
    return replaced.error();
  }
  return base::concat({kTicketFile, ": a new key signs",
                       odd          ? "; what was in the file was of no use"
                       : count == 1 ? ", sessions are resumed from now on"
                                    : ", the one before counts for sessions that have it",
                       " (", base::decimal(count), count == 1 ? " key).\n" : " keys).\n"});
}

}  // namespace reqmail::cert
