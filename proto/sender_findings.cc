#include "proto/sender_findings.h"

namespace reqmail::proto {

std::string_view list_word(ListVerdict::Word word) {
  switch (word) {
  case ListVerdict::Word::pass:
    return "pass";
  case ListVerdict::Word::ignore:
    return "ignore";
  case ListVerdict::Word::accept:
    return "accept";
  case ListVerdict::Word::delay:
    return "delay";
  case ListVerdict::Word::reject:
    break;
  }
  return "reject";
}

}  // namespace reqmail::proto
