// Any bytes as the answer of a policy service: a refusal has a code of one, a field is one
// field, and the pieces in which the answer comes do not matter.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "filter/policy_answer.h"

namespace {

using reqmail::filter::PolicyAction;
using reqmail::filter::PolicyAnswerReader;

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

PolicyAnswerReader read(std::string_view bytes, std::size_t piece) {
  PolicyAnswerReader reader;
  for (std::size_t i = 0; i < bytes.size(); i += piece) {
    reader.add(bytes.substr(i, piece));
  }
  return reader;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const PolicyAnswerReader whole = read(bytes, size + 1);
  const PolicyAnswerReader cut = read(bytes, 3);
  require(whole.is_complete() == cut.is_complete() && whole.is_broken() == cut.is_broken());
  if (!whole.is_complete() || whole.is_broken()) {
    return 0;
  }
  const PolicyAction action = whole.action();
  require(action.text == cut.action().text);
  if (action.kind == PolicyAction::Kind::refuse ||
      action.kind == PolicyAction::Kind::defer_if_permit) {
    require(action.code >= 400 && action.code <= 599);
  }
  if (action.kind == PolicyAction::Kind::prepend) {
    require(action.text.find('\n') == action.text.size() - 1);
  }
  require(action.kind == PolicyAction::Kind::prepend ||
          action.text.find('\n') == std::string::npos);
  return 0;
}
