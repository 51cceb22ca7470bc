// Makes Findings, and words for them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "survey/findings.h"

namespace reqmail::survey {

// A Finding without origin and conversions.
Finding about(const std::string& subject, std::string code, Severity severity, std::string text,
              std::string action);

// Bytes outside 32..126 as '?'.
std::string visible(std::string_view text);

// "1 message", "2 messages".
std::string counted(std::uint64_t number, std::string_view thing);

}  // namespace reqmail::survey
