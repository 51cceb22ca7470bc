// The state of a session in clear that the program which takes over at STARTTLS gets in an
// environment variable.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "tls/start_tls.h"

namespace reqmail::smtpd {

struct StarttlsState {
  std::optional<std::string> helo;
  unsigned refused_logins = 0;
};

// Converts the state to the value of the variable and back; nullopt if the value is malformed.
std::string encode_starttls_state(const StarttlsState& state);
std::optional<StarttlsState> decode_starttls_state(std::string_view text);

// Removes the variable from the environment and returns its state; nullopt if it is absent.
std::optional<StarttlsState> take_starttls_state();

// Returns whether clients speak TLS from the first byte on: SMTPS is set.
bool begins_with_tls();

// Makes STARTTLS work by executing bin/qmail-smtpd-tls with these arguments, or by the listener
// if UCSPITLS says that it can. `allowed` says whether STARTTLS may be offered.
std::unique_ptr<tls::StartTls> smtpd_tls_elsewhere(std::vector<std::string> arguments,
                                                   bool allowed);

// Executes bin/qmail-smtpd-tls; returns only on failure.
Failure become_smtpd_tls(const std::vector<std::string>& arguments);

}  // namespace reqmail::smtpd
