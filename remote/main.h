// What qmail-remote, qmail-remote-tls and workers of qmail-rspawn have in common: all but how
// TLS is begun.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "remote/group_ends.h"
#include "remote/kept_connection.h"
#include "sys/program.h"
#include "tls/start_tls.h"

namespace reqmail::remote {

// Called once, in qmail's home.
using MakeRemoteTls = std::function<std::unique_ptr<tls::StartTls>()>;

// Returns how a process that delivers must begin (sys::Program).
sys::ProgramStart remote_start();

// Delivers the message on a descriptor as the arguments of qmail-remote say, or goes on with
// what another program has begun, with TLS by what `make_tls` returns. Returns the report. It
// changes the working directory. `kept`, if it is not null, has the connection that the
// delivery before has left, and gets that of this one; it must stay where it is. `ends` gets
// what became of each of several recipients; it stays empty if the report counts for all.
std::string deliver_once(const std::vector<std::string>& arguments, int message,
                         const MakeRemoteTls& make_tls, KeptConnection* kept = nullptr,
                         std::vector<RecipientEnd>* ends = nullptr);

// The same with the message on descriptor 0; writes the report to descriptor 1 and ends the
// process.
[[noreturn]] void remote_main(int argc, char** argv, const MakeRemoteTls& make_tls);

}  // namespace reqmail::remote
