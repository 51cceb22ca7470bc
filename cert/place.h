// The places of certificates and keys below qmail's home, which is the current directory, their
// owners, and how new files replace old ones.
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
// The name of a pair that was replaced has this mark and the time after it.
inline constexpr std::string_view kOldMark = ".old.";
inline constexpr std::size_t kPemLimit = std::size_t{1} << 20;

// Returns the file for a server name, or the default file for an empty name. It is a permanent
// Failure if this cannot be a name.
Result<std::string> server_file(std::string_view name);

// Returns control/me; it is a Failure if there is none.
Result<std::string> own_name();

// Keeps other processes of qmail-cert from writing until the descriptor is closed.
Result<sys::Fd> take_write_lock();

// Writes a key with its certificates to a server's file, atomically and durably, with mode
// 0640, owner qmaild and group qmail; if the file belonged to root with group nofiles, it keeps
// these. An existing file is kept under another name. Returns that name; nullopt if there was
// no file.
Result<std::optional<std::string>> store_server_file(const std::string& path,
                                                     const std::string& content,
                                                     base::Time now);

// Returns a time as "2026-11-22 20:45:00 UTC".
std::string time_text(base::Time time);

// Returns the whole days from one time to another; 0 if the second one is earlier.
std::int64_t days_between(base::Time from, base::Time to);

}  // namespace reqmail::cert
