// Where certificates and keys lie below qmail's home, which is the current directory, whose
// they are, and how new ones take the place of old ones.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "control/file_name.h"
#include "sys/fd.h"

namespace reqmail::cert {

inline constexpr std::string_view kServerFile = control::path("servercert.pem");
inline constexpr std::string_view kNamesDirectory = control::path("servercerts");
inline constexpr std::string_view kTicketFile = control::path("tlsticketkey");
// Behind it stands the time: the pair that was replaced.
inline constexpr std::string_view kOldMark = ".old.";
inline constexpr std::size_t kPemLimit = std::size_t{1} << 20;

// The file for a server name; for the empty one, that for everybody. A permanent Failure for
// what can be no name.
Result<std::string> server_file(std::string_view name);

// control/me; a Failure where there is none.
Result<std::string> own_name();

// Keeps other runs of qmail-cert from writing until the descriptor is closed.
Result<sys::Fd> take_write_lock();

// Puts a key with its certificates into a server's file, atomically and durably, 0640, owner
// qmaild and group qmail; where the file was root's with group nofiles, that stays so. A file
// that is there already keeps its content under another name: that name, nothing where there
// was no file.
Result<std::optional<std::string>> store_server_file(const std::string& path,
                                                     const std::string& content,
                                                     base::Time now);

// "2026-11-22 20:45:00 UTC"
std::string time_text(base::Time time);

// Whole days from one time to another, 0 for the past.
std::int64_t days_between(base::Time from, base::Time to);

}  // namespace reqmail::cert
