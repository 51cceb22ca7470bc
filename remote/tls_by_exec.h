// A delivery goes from qmail-remote, or from a worker of qmail-rspawn, to qmail-remote-tls, in
// the same process: its state in a file in memory whose descriptor a variable of the
// environment names, since it may hold a password; arguments and descriptor 0 as they are.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "remote/handover.h"
#include "tls/start_tls.h"

namespace reqmail::remote {

// TLS by executing bin/qmail-remote-tls with these arguments; begin() returns only if that
// fails, and its Failure is for tls_report(). `prepare`, if there is one, is called when the
// state has been made: it returns the descriptors above 2 that stay open beside the connection,
// or nullopt if descriptor 0 cannot be what it must be.
using PrepareTls = std::function<std::optional<std::vector<int>>()>;
std::unique_ptr<tls::StartTls> remote_tls_by_exec(std::vector<std::string> arguments,
                                                  PrepareTls prepare = {});

// What the program before this one left: nullopt if there is none, a Failure if it makes no
// sense. The variable and the file are gone afterwards.
Result<std::optional<Handover>> take_remote_handover();

}  // namespace reqmail::remote
