// Common code of the tests of deliveries: a home directory that is removed at the end of a
// test, and files.
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

// Returns an open message whose offset is at its end.
sys::Fd message_with(const std::string& content);

// Returns whether the tests run as root, for whom file modes have no effect.
bool is_root();

}  // namespace reqmail::local
