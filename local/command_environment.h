// The environment of programs that a .qmail file names (qmail-command(8)). No I/O.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "local/request.h"
#include "local/trace_lines.h"
#include "sys/env.h"

namespace reqmail::local {

// A host without its last label: what is before the last dot, or the whole of it where it has
// none.
std::string_view without_last_label(std::string_view host);

// An extension without its first part: what is behind the first dash, nothing where there is
// none.
std::string_view without_first_part(std::string_view ext);

// `base` with SENDER NEWSENDER RECIPIENT USER HOME HOST HOST2-4 LOCAL EXT EXT2-4 DEFAULT RPLINE
// DTLINE UFLINE as this delivery has them. `default_from`: as in DotQmailName; without it
// DEFAULT is not set.
sys::Environment command_environment(sys::Environment base, const Request& request,
                                     std::string_view new_sender, const TraceLines& trace,
                                     std::optional<std::size_t> default_from);

}  // namespace reqmail::local
