// How much a fact about an older qmail weighs.
#pragma once

#include <string_view>

namespace reqmail::legacy {

enum class Severity {
  // Nothing changes for anybody.
  harmless,
  // Go, but somebody should know.
  note,
  // Something would be opened or lost without notice: only with --accept-loss.
  loss,
  // `apply` cannot do its work, whatever the options.
  stop,
};

// "harmless", "note", "loss", "stop".
std::string_view severity_name(Severity severity);

}  // namespace reqmail::legacy
