// The file of a private key.
#pragma once

#include <string>

#include "base/result.h"
#include "crypto/private_key.h"
#include "sys/fd.h"

namespace reqmail::crypto {

// Opens the file of a key, which must be a regular one that belongs to root or to the user of
// this process, and that no other user but those of its group can read or write: a key that
// strangers know proves nothing. The Failure, which is temporary, has the text "PATH: why".
Result<sys::Fd> open_key_file(const std::string& path);

// Returns the key in an open file, in PEM: RSA with 1024 to 8192 bits, or Ed25519. Reads from
// the descriptor's position on. `path` is for the Failure, which is as above.
Result<PrivateKey> read_private_key(int file, const std::string& path);

// Both.
Result<PrivateKey> read_private_key(const std::string& path);

}  // namespace reqmail::crypto
