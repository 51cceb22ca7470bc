#include "smtpd/compile_list.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <string>
#include <vector>

#include "base/ascii.h"
#include "base/text.h"
#include "config.h"
#include "control/file_name.h"
#include "control/files.h"
#include "control/reader.h"
#include "mail/idna.h"
#include "proto/recipient_lists.h"
#include "sys/cdb.h"
#include "sys/error.h"
#include "sys/exits.h"
#include "sys/file.h"
#include "sys/program.h"
#include "sys/stream.h"

namespace reqmail::smtpd {

namespace {

constexpr mode_t kCdbMode = 0644;

struct List {
  const char* text;
  const char* temporary;
  const char* cdb;
};

constexpr List kMoreRcptHosts = {control::path("morercpthosts"), "control/morercpthosts.tmp",
                                 control::path("morercpthosts.cdb")};
constexpr List kMoreValidRcptTo = {control::path("morevalidrcptto"),
                                   "control/morevalidrcptto.tmp",
                                   control::path("morevalidrcptto.cdb")};
constexpr List kRecipients = {"users/recipients", "users/recipients.tmp",
                              "users/recipients.cdb"};

Result<std::vector<std::string>> read_list(const List& list) {
  auto lines = control::read_whole_lines(list.text);
  const int error = lines ? (*lines ? 0 : ENOENT) : lines.error().error;
  if (error != 0) {
    return sys::system_failure(base::concat({"unable to read ", list.text}), error);
  }
  const bool ascii = std::ranges::all_of(**lines, mail::is_ascii);
  control::ControlFiles files(control::ControlFiles::Unreadable::is_absent);
  return ascii || !files.utf8() ? std::move(**lines) : mail::lines_in_a_labels(**lines);
}

Result<void> write_cdb(const List& list, const std::vector<std::string>& lines) {
  auto file = sys::open_truncated(list.temporary, kCdbMode);
  if (!file) {
    return file.error();
  }
  auto writer = sys::CdbWriter::start(file->get());
  if (!writer) {
    return writer.error();
  }
  for (const std::string& line : lines) {
    if (auto added = writer->add(base::lower(line), ""); !added) {
      return added;
    }
  }
  if (auto finished = writer->finish(); !finished) {
    return finished;
  }
  return sys::sync(file->get());
}

using Lines = std::vector<std::string>;

Lines all_of(const Lines& lines) {
  return lines;
}

Result<void> compile(const List& list, Lines (*keys_of)(const Lines& lines) = all_of) {
  auto read = read_list(list);
  if (!read) {
    return read.error();
  }
  const Lines keys = keys_of(*read);
  if (auto written = write_cdb(list, keys); !written) {
    return sys::system_failure(base::concat({"unable to write to ", list.temporary}),
                               written.error().error);
  }
  if (std::rename(list.temporary, list.cdb) != 0) {
    // netqmail's message ends with the error text and has no program name before it.
    const int error = errno;
    return temporary(base::concat({"unable to move ", list.temporary, " to ", list.cdb,
                                   sys::error_text(error)}),
                     error);
  }
  const std::string directory = sys::directory_of(list.cdb);
  if (auto synced = sys::sync_directory(directory); !synced) {
    return sys::system_failure("unable to sync " + directory, synced.error().error);
  }
  return {};
}

}  // namespace

Result<void> compile_morercpthosts() {
  return compile(kMoreRcptHosts);
}

Result<void> compile_morevalidrcptto() {
  return compile(kMoreValidRcptTo, proto::keys_of_valid_list);
}

Result<void> compile_recipients() {
  return compile(kRecipients);
}

int compile_list_as(std::string_view program, Result<void> (*compile)()) {
  auto done = sys::Program::enter_home();
  if (!done) {
    done = sys::system_failure(base::concat({"unable to chdir to ", config::kHome}),
                               done.error().error);
  } else {
    done = compile();
  }
  if (!done) {
    (void)sys::write_all(STDERR_FILENO,
                         base::concat({program, ": fatal: ", done.error().text, "\n"}));
    return sys::kExitTemporary;
  }
  return sys::kExitSuccess;
}

}  // namespace reqmail::smtpd
