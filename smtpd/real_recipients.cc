#include "smtpd/real_recipients.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/ascii.h"
#include "base/text.h"
#include "control/files.h"
#include "local/dot_search.h"
#include "mail/address.h"
#include "proto/default_delivery.h"
#include "smtpd/check_program.h"
#include "smtpd/files.h"
#include "sys/cdb.h"
#include "sys/error.h"
#include "sys/file.h"

namespace reqmail::smtpd {

namespace {

using proto::Opinion;

// The largest .qmail-default file that is read, in bytes.
constexpr std::size_t kDefaultMax = std::size_t{1} << 20;
constexpr const char* kGetpw = "bin/qmail-getpw";

Existence unsure(std::string_view what, int error) {
  return {Opinion::unsure, base::concat({what, ": ", sys::error_text(error)})};
}

bool means_missing(int error) {
  return error == ENOENT || error == ENOTDIR || error == ENAMETOOLONG;
}

// Returns the six fields of an account from the program that qmail-lspawn asks: it may not be
// ours, and it knows accounts that are not in /etc/passwd.
std::optional<std::string> ask_getpw(const std::string& local_part, base::Seconds limit) {
  auto outcome = run_check({.command = {kGetpw, local_part}, .says_on = STDOUT_FILENO}, limit);
  if (!outcome || !outcome->end || !outcome->end->success()) {
    return std::nullopt;
  }
  return std::move(outcome->said);
}

// Returns whether an address exists that only a .qmail-default file serves. `rest` is what the
// word "default" replaces.
Existence by_default(const std::string& home, const std::string& path, std::string_view rest) {
  const auto text = sys::read_regular_file(path, kDefaultMax);
  if (!text) {
    return unsure(path, text.error().error);
  }
  switch (proto::default_delivery(*text)) {
  case proto::DefaultDelivery::takes_all:
    return {Opinion::yes};
  case proto::DefaultDelivery::bounces:
    return {Opinion::no};
  case proto::DefaultDelivery::vpopmail:
    break;
  }
  // If vpopmail keeps its users elsewhere, there is no such file.
  const std::string users = home + "/vpasswd.cdb";
  const auto cdb = sys::CdbReader::open(users);
  if (!cdb) {
    return unsure(users, cdb.error().error);
  }
  const auto found = cdb->find(base::lower(rest));
  if (!found) {
    return unsure(users, found.error().error);
  }
  return {*found ? Opinion::yes : Opinion::no};
}

}  // namespace

Existence mailbox_of(const users::User& user) {
  // Without a dash the mailbox exists even if there is no file for it.
  if (user.dash.empty()) {
    return {Opinion::yes};
  }
  local::DotQmailNames names(user.dash, user.extension);
  while (const auto name = names.next()) {
    const std::string path = base::concat({user.home, "/", name->file});
    const auto status = sys::status(path);
    if (!status && !means_missing(status.error().error)) {
      return unsure(path, status.error().error);
    }
    if (!status || !S_ISREG(status->st_mode)) {
      continue;
    }
    return name->default_from
               ? by_default(user.home, path,
                            std::string_view(user.extension).substr(*name->default_from))
               : Existence{Opinion::yes};
  }
  // If the home is missing now, there is no definite answer.
  if (const auto home = sys::status(user.home); !home) {
    return unsure(user.home, home.error().error);
  }
  return {Opinion::no};
}

Result<void> RealRecipients::read_controls() {
  if (routes_) {
    return {};
  }
  control::ControlFiles control;
  mail::RecipientRoutes::Controls controls;
  controls.envnoathost = control.line("envnoathost");
  controls.percenthack = control.list("percenthack").value_or(std::vector<std::string>());
  controls.locals = control.list("locals").value_or(std::vector<std::string>());
  controls.virtualdomains = control.list("virtualdomains").value_or(std::vector<std::string>());
  controls.utf8 = control.utf8();
  if (control.failure()) {
    return smtpd_controls_unreadable();
  }
  envnoathost_ = controls.envnoathost;
  routes_.emplace(controls);
  return {};
}

Result<std::string> RealRecipients::complete(std::string_view address) {
  if (mail::split_address(address).has_domain) {
    return std::string(address);
  }
  if (auto read = read_controls(); !read) {
    return read.error();
  }
  return base::concat({address, "@", envnoathost_});
}

Result<Existence> RealRecipients::look_up(std::string_view address) {
  if (auto read = read_controls(); !read) {
    return read.error();
  }
  const mail::RecipientRoute route = routes_->route(address);
  if (route.unsure) {
    return unsure("qmail-idna", ETIMEDOUT);
  }
  if (!route.local) {
    return Existence{Opinion::none};
  }
  const std::string local_part(mail::split_address(route.recipient).local);
  auto fields = assignments_.find(local_part);
  if (!fields) {
    return unsure(kUsersCdb, fields.error().error);
  }
  if (!*fields) {
    auto answer = ask_getpw(local_part, limit_);
    if (!answer) {
      return Existence{Opinion::unsure, base::concat({kGetpw, " fails"})};
    }
    *fields = std::move(*answer);
  }
  const auto user = users::parse_user(**fields);
  if (!user) {
    return Existence{Opinion::unsure, base::concat({"bad assignment of ", local_part})};
  }
  return mailbox_of(*user);
}

}  // namespace reqmail::smtpd
