#include "reports/compress.h"

#include <sys/types.h>
#include <unistd.h>

#include <cerrno>
#include <limits>
#include <utility>

#include "base/number.h"
#include "base/text.h"
#include "sys/child.h"
#include "sys/file.h"
#include "sys/process.h"
#include "sys/stream.h"

namespace reqmail::reports {

namespace {

constexpr mode_t kMode = 0600;

}  // namespace

Result<sys::Fd> unnamed_file(const std::string& directory, const std::string& text) {
  const std::string path = base::concat(
      {directory, "/temporary.", base::decimal(static_cast<std::uint64_t>(::getpid()))});
  // One of a process that was killed, whose number this one has now.
  (void)sys::remove_file(path);
  auto file = sys::create_exclusive_read_write(path, kMode);
  if (!file) {
    return file;
  }
  if (auto removed = sys::remove_file(path); !removed) {
    return removed.error();
  }
  if (auto written = sys::write_all(file->get(), text); !written) {
    return written.error();
  }
  if (::lseek(file->get(), 0, SEEK_SET) != 0) {
    return temporary("lseek", errno);
  }
  return file;
}

Result<std::string> compressed(const std::string& text, const std::string& directory) {
  const auto input = unnamed_file(directory, text);
  const auto output = unnamed_file(directory, "");
  if (!input || !output) {
    return (input ? output : input).error();
  }
  sys::ChildSpec spec;
  spec.program = "gzip";
  spec.arguments = {"gzip", "-n", "-c"};
  spec.descriptors = {{input->get(), STDIN_FILENO}, {output->get(), STDOUT_FILENO}};
  auto child = sys::spawn(spec);
  if (!child) {
    return child.error();
  }
  const auto end = child->wait();
  if (!end || !end->success()) {
    return temporary("gzip fails", end ? 0 : end.error().error);
  }
  if (::lseek(output->get(), 0, SEEK_SET) != 0) {
    return temporary("lseek", errno);
  }
  return sys::read_all(output->get(), std::numeric_limits<std::size_t>::max());
}

}  // namespace reqmail::reports
