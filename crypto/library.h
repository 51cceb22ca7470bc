// The set-up of OpenSSL's library.
#pragma once

namespace reqmail::crypto {

// Sets the library up without a configuration file; must be called only once per process. From
// then on the library opens no file. This is for processes that give up opening files before
// they hash or verify anything.
void prepare_library();

}  // namespace reqmail::crypto
