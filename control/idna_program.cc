#include "control/idna_program.h"

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <utility>

#include "base/exit_code.h"
#include "base/result.h"
#include "base/text.h"
#include "config.h"
#include "sys/child.h"
#include "sys/child_output.h"
#include "sys/clock.h"
#include "sys/fd.h"
#include "sys/process.h"

namespace reqmail::control {

namespace {

constexpr std::size_t kRememberedMax = 64;
// Longer than any domain in A-labels.
constexpr std::size_t kAnswerMax = 1024;
constexpr std::chrono::seconds kTimeLimit{10};

std::optional<std::string> read_line(int fd) {
  auto text = sys::read_until_closed(fd, kAnswerMax, sys::monotonic() + kTimeLimit);
  if (!text || !text->ends_with('\n')) {
    return std::nullopt;
  }
  text->pop_back();
  return *std::move(text);
}

Result<std::string> run_program(const std::string& domain) {
  const Failure no_answer = temporary({});
  auto pipe = sys::make_pipe();
  if (!pipe) {
    return no_answer;
  }
  sys::ChildSpec spec;
  spec.program = base::concat({config::kHome, "/bin/qmail-idna"});
  spec.arguments = {"qmail-idna", domain};
  spec.descriptors = {{pipe->write.get(), 1}};
  auto child = sys::spawn(spec);
  pipe->write.close();
  if (!child) {
    return no_answer;
  }
  auto line = read_line(pipe->read.get());
  const auto ended = child->wait_for(kTimeLimit);
  if (!ended || !*ended || (*ended)->crashed) {
    return no_answer;
  }
  const int code = (*ended)->code;
  if (code == base::kExitPermanent) {
    return permanent({});
  }
  return code == base::kExitSuccess && line ? Result<std::string>(*std::move(line)) : no_answer;
}

}  // namespace

Result<std::string> convert_by_program(const std::string& domain) {
  static std::map<std::string, Result<std::string>> remembered;
  if (const auto found = remembered.find(domain); found != remembered.end()) {
    return found->second;
  }
  auto converted = run_program(domain);
  if (!converted && converted.error().permanence == Permanence::temporary) {
    return converted;
  }
  if (remembered.size() >= kRememberedMax) {
    remembered.clear();
  }
  return remembered.emplace(domain, std::move(converted)).first->second;
}

}  // namespace reqmail::control
