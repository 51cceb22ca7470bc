// Whether this host signs what leaves: the control files that say so.
#pragma once

#include <functional>
#include <string_view>

namespace reqmail::remote {

// Returns whether messages may be signed, so that a signer is needed; which of them are, it
// finds out itself. `is_there` says whether control/NAME is there. NODKIM in the environment
// leaves ARC alone.
bool wants_signing(const std::function<bool(std::string_view name)>& is_there);

// An `is_there` that looks below qmail's home, or below the current directory if `home` is
// empty. What cannot be looked at counts as there: the signer says what is wrong.
bool is_control_file_there(std::string_view home, std::string_view name);

}  // namespace reqmail::remote
