// What a session in clear tells the program that takes over at STARTTLS, by a variable of the
// environment.
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

// The variable's value and back; nullopt if it makes no sense.
std::string encode_starttls_state(const StarttlsState& state);
std::optional<StarttlsState> decode_starttls_state(std::string_view text);

// Takes the variable out of the environment; nullopt if there is none.
std::optional<StarttlsState> take_starttls_state();

// STARTTLS by executing bin/qmail-smtpd-tls with these arguments, or by the listener if
// UCSPITLS says that it can. `allowed`: it may be offered.
std::unique_ptr<tls::StartTls> smtpd_tls_elsewhere(std::vector<std::string> arguments,
                                                   bool allowed);

// Becomes bin/qmail-smtpd-tls; returns only on failure.
Failure become_smtpd_tls(const std::vector<std::string>& arguments);

}  // namespace reqmail::smtpd
