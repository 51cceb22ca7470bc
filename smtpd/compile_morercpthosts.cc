#include "smtpd/compile_morercpthosts.h"

#include <cerrno>
#include <cstdio>
#include <string>
#include <vector>

#include "base/ascii.h"
#include "base/text.h"
#include "control/file_name.h"
#include "control/reader.h"
#include "sys/cdb.h"
#include "sys/error.h"
#include "sys/file.h"

namespace reqmail::smtpd {

namespace {

constexpr auto kText = control::path("morercpthosts");
constexpr auto kTemporary = "control/morercpthosts.tmp";
constexpr auto kCdb = control::path("morercpthosts.cdb");
constexpr mode_t kCdbMode = 0644;

Result<std::vector<std::string>> read_hosts() {
  auto lines = control::read_whole_lines(kText);
  const int error = lines ? (*lines ? 0 : ENOENT) : lines.error().error;
  if (error != 0) {
    return sys::system_failure(base::concat({"unable to read ", kText}), error);
  }
  return std::move(**lines);
}

Result<void> write_cdb(const std::vector<std::string>& hosts) {
  auto file = sys::open_truncated(kTemporary, kCdbMode);
  if (!file) {
    return file.error();
  }
  auto writer = sys::CdbWriter::start(file->get());
  if (!writer) {
    return writer.error();
  }
  for (const std::string& host : hosts) {
    if (auto added = writer->add(base::lower(host), ""); !added) {
      return added;
    }
  }
  if (auto finished = writer->finish(); !finished) {
    return finished;
  }
  return sys::sync(file->get());
}

}  // namespace

Result<void> compile_morercpthosts() {
  auto hosts = read_hosts();
  if (!hosts) {
    return hosts.error();
  }
  if (auto written = write_cdb(*hosts); !written) {
    return sys::system_failure(base::concat({"unable to write to ", kTemporary}),
                               written.error().error);
  }
  if (std::rename(kTemporary, kCdb) != 0) {
    // netqmail's text, without anything before the error.
    const int error = errno;
    return temporary(
        base::concat({"unable to move ", kTemporary, " to ", kCdb, sys::error_text(error)}),
        error);
  }
  if (auto synced = sys::sync_directory("control"); !synced) {
    return sys::system_failure("unable to sync control", synced.error().error);
  }
  return {};
}

}  // namespace reqmail::smtpd
