// What qmail-remote, qmail-remote-tls and workers of qmail-rspawn have in common: all but how
// TLS is begun.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "remote/group_ends.h"
#include "remote/handover.h"
#include "remote/kept_connection.h"
#include "sys/program.h"
#include "tls/start_tls.h"

namespace reqmail::remote {

// Called once, in qmail's home.
using MakeRemoteTls = std::function<std::unique_ptr<tls::StartTls>()>;

// Returns how a process that delivers must begin (sys::Program).
sys::ProgramStart remote_start();

struct Task {
  // Those of qmail-remote.
  std::vector<std::string> arguments;
  // The descriptor of the message.
  int message = -1;
  MakeRemoteTls make_tls;
  // It has the connection that the delivery before has left, and gets that of this one; it must
  // stay where it is. Null: there are no other deliveries.
  KeptConnection* kept = nullptr;
  // It gets what became of each of several recipients; it stays empty if the report counts for
  // all.
  std::vector<RecipientEnd>* ends = nullptr;
  // As Surroundings::stay.
  std::function<Stay()> stay = {};
};

// Each returns the report, and changes the working directory.

// Makes a delivery, or goes on with what another program has begun.
std::string deliver_once(const Task& task);

// Goes on with what another program has begun.
std::string resume_once(Handover handover, const Task& task);

// The same with the message on descriptor 0 and what take_remote_handover() has returned;
// writes the report to descriptor 1 and ends the process.
[[noreturn]] void remote_main(int argc, char** argv, const MakeRemoteTls& make_tls,
                              Result<std::optional<Handover>> before);

}  // namespace reqmail::remote
