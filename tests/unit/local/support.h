// What tests of deliveries share: a home directory that goes when the test ends, and files.
#pragma once

#include <string>
#include <vector>

#include "sys/fd.h"
#include "tests/unit/support/temporary_home.h"

namespace reqmail::local {

using testing::content_of;
using testing::names_in;
using testing::put_file;
using testing::TemporaryHome;

void make_maildir(const std::string& name);

// An open message, positioned at its end.
sys::Fd message_with(const std::string& content);

// Whether the tests run as a user whom file modes do not bind.
bool is_root();

}  // namespace reqmail::local
