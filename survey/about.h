// Makes Findings, and formats text for them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "survey/findings.h"

namespace reqmail::survey {

// Returns a Finding without origin and conversions.
Finding about(const std::string& subject, std::string code, Severity severity, std::string text,
              std::string action);

// Replaces bytes outside 32..126 by '?'.
std::string visible(std::string_view text);

// Returns "1 message", "2 messages" and the like.
std::string counted(std::uint64_t number, std::string_view thing);

}  // namespace reqmail::survey
