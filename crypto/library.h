// OpenSSL's library as a whole.
#pragma once

namespace reqmail::crypto {

// Sets the library up without a configuration file, once for a process: from then on it opens
// no file. For processes that give up opening files before they hash or verify anything.
void prepare_library();

}  // namespace reqmail::crypto
