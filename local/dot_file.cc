#include "local/dot_file.h"

#include <sys/stat.h>

#include <cerrno>

#include "base/text.h"
#include "config.h"
#include "local/dot_search.h"
#include "sys/error.h"
#include "sys/fd.h"
#include "sys/file.h"
#include "sys/stream.h"

namespace reqmail::local {

namespace {

Failure unable_to_open(std::string_view name, int error) {
  return temporary(
      base::concat({"Unable to open ", name, ": ", sys::error_text(error), ". (#4.3.0)"}),
      error);
}

// open(2) fails with ENXIO on a socket.
bool means_missing(int error) {
  return error == ENOENT || error == ENOTDIR || error == ENAMETOOLONG || error == ENXIO;
}

Result<std::optional<DotQmailFile>> read_candidate(const DotQmailName& name) {
  auto file = sys::open_read_nonblocking(name.file);
  if (!file) {
    if (means_missing(file.error().error)) {
      return std::optional<DotQmailFile>();
    }
    return unable_to_open(name.file, file.error().error);
  }
  const auto status = sys::status(file->get());
  if (!status) {
    return unable_to_open(name.file, status.error().error);
  }
  if (!S_ISREG(status->st_mode)) {
    return std::optional<DotQmailFile>();
  }
  if ((status->st_mode & config::kPaternalism) != 0) {
    return temporary("Uh-oh: .qmail file is writable. (#4.7.0)");
  }
  auto text = sys::read_all(file->get(), kDotQmailLimit);
  if (!text) {
    return unable_to_open(name.file, text.error().error);
  }
  return std::optional<DotQmailFile>(
      DotQmailFile{*std::move(text), (status->st_mode & S_IXUSR) != 0, name.default_from});
}

// Returns whether the name exists, whatever kind of file it is and whoever may read it.
Result<bool> exists(const std::string& name) {
  const auto status = sys::status(name);
  if (status) {
    return true;
  }
  if (sys::is_temporary(status.error().error)) {
    return unable_to_open(name, status.error().error);
  }
  return false;
}

}  // namespace

Result<HomeState> check_home() {
  const auto status = sys::status(".");
  if (!status) {
    return temporary(base::concat({"Unable to stat home directory: ",
                                   sys::error_text(status.error().error), ". (#4.3.0)"}),
                     status.error().error);
  }
  if ((status->st_mode & config::kPaternalism) != 0) {
    return temporary("Uh-oh: home directory is writable. (#4.7.0)");
  }
  return (status->st_mode & S_ISVTX) != 0 ? HomeState::being_edited : HomeState::ready;
}

Result<std::optional<DotQmailFile>> find_dot_qmail(std::string_view dash,
                                                   std::string_view ext) {
  DotQmailNames names(dash, ext);
  while (const auto name = names.next()) {
    auto found = read_candidate(*name);
    if (!found || *found) {
      return found;
    }
  }
  return std::optional<DotQmailFile>();
}

Result<std::string> forward_sender(std::string_view dash, std::string_view ext,
                                   std::string_view local, std::string_view host,
                                   std::string_view sender) {
  // Bounces keep their sender; otherwise two lists could send each other bounces for ever.
  if (sender.empty() || sender == "#@[]") {
    return std::string(sender);
  }
  const auto owner = exists(owner_name(dash, ext));
  if (!owner) {
    return owner.error();
  }
  if (!*owner) {
    return std::string(sender);
  }
  const auto each = exists(owner_default_name(dash, ext));
  if (!each) {
    return each.error();
  }
  if (*each) {
    return base::concat({local, "-owner-@", host, "-@[]"});
  }
  return base::concat({local, "-owner@", host});
}

}  // namespace reqmail::local
