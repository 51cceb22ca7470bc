#include "legacy/severity.h"

namespace reqmail::legacy {

std::string_view severity_name(Severity severity) {
  switch (severity) {
  case Severity::harmless:
    return "harmless";
  case Severity::note:
    return "note";
  case Severity::loss:
    return "loss";
  case Severity::stop:
    break;
  }
  return "stop";
}

}  // namespace reqmail::legacy
