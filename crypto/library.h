// The set-up of OpenSSL's library.
#pragma once

namespace reqmail::crypto {

// Sets the library up without a configuration file; a process may call only one of these, and
// only once. From then on the library opens no file. This is for processes that give up opening
// files before they hash or verify anything.
void prepare_library();

// Does the same, and also what the first verification of an RSA signature sets up: for a
// process whose children verify signatures.
void prepare_verification();

}  // namespace reqmail::crypto
