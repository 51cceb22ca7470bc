// The environment of the programs in a .qmail file (qmail-command(8)). This code does no input
// or output.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "local/request.h"
#include "local/trace_lines.h"
#include "sys/env.h"

namespace reqmail::local {

// Returns a host without its last label: the part before the last dot, or the whole host if it
// has none.
std::string_view without_last_label(std::string_view host);

// Returns an extension without its first part: what follows the first dash, or an empty text if
// there is none.
std::string_view without_first_part(std::string_view ext);

// Adds the variables SENDER NEWSENDER RECIPIENT USER HOME HOST HOST2-4 LOCAL EXT EXT2-4 DEFAULT
// RPLINE DTLINE UFLINE of this delivery to `base`. `default_from` is that of DotQmailName;
// without it DEFAULT is not set.
sys::Environment command_environment(sys::Environment base, const Request& request,
                                     std::string_view new_sender, const TraceLines& trace,
                                     std::optional<std::size_t> default_from);

}  // namespace reqmail::local
