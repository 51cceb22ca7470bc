#include "survey/child_output.h"

#include <signal.h>

#include <cstddef>
#include <utility>

#include "sys/fd.h"
#include "sys/process.h"
#include "sys/stream.h"

namespace reqmail::survey {

namespace {

constexpr std::size_t kOutputMax = std::size_t{1} << 20;

}  // namespace

std::optional<std::string> child_output(const std::string& program,
                                        const std::vector<std::string>& arguments,
                                        std::optional<base::Seconds> silence) {
  auto pipe = sys::make_pipe();
  if (!pipe) {
    return std::nullopt;
  }
  sys::ChildSpec spec;
  spec.program = program;
  spec.arguments = arguments;
  spec.descriptors = {{pipe->write.get(), 1}};
  auto child = sys::spawn(spec);
  if (!child) {
    return std::nullopt;
  }
  pipe->write.close();
  sys::Reader reader =
      silence ? sys::Reader(pipe->read.get(), *silence) : sys::Reader(pipe->read.get());
  auto output = reader.read_all(kOutputMax);
  if (!output) {
    child->send_signal(SIGKILL);
  }
  const auto ended = child->wait();
  if (!output || !ended || !ended->success()) {
    return std::nullopt;
  }
  return std::move(*output);
}

}  // namespace reqmail::survey
