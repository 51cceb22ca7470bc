// PEM as text and OpenSSL's streams in memory. Included by the .cc files of tls/ alone.
#pragma once

#include <string>

#include "tls/handles.h"

namespace reqmail::tls {

// Reads from the text, which must live as long.
Handle<BIO> reader_of(const std::string& text);

// What was written to a stream in memory.
std::string text_of(BIO& stream);

// A key in PEM, PKCS #8, without a password.
std::string key_to_text(const EVP_PKEY& key);

// OpenSSL's question for the password of a key: there is none. It keeps OpenSSL from asking at
// the terminal.
int no_password(char* buffer, int size, int writing, void* unused);

}  // namespace reqmail::tls
