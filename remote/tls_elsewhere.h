// A delivery goes from qmail-remote to qmail-remote-tls, in the same process: its state in a
// file in memory whose descriptor a variable of the environment names, since it may hold a
// password; arguments and descriptor 0 as they are.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "remote/handover.h"
#include "remote/tls_starter.h"

namespace reqmail::remote {

// TLS by executing bin/qmail-remote-tls with these arguments; a failure to do so is one to
// connect.
std::unique_ptr<TlsStarter> remote_tls_elsewhere(std::vector<std::string> arguments);

// What the program before this one left: nothing where there is none, a Failure where it makes
// no sense. The variable and the file are gone afterwards.
Result<std::optional<Handover>> take_remote_handover();

}  // namespace reqmail::remote
