// qmail-newpasswd: makes the databases of qmail-checkpassword, and manages the users in them
// (qmail-newpasswd(8)).
//
// Runs as: root
// Reads: users/passwd, users/secrets; a password from the terminal or descriptor 0
// Writes: users/passwd, users/secrets, users/passwd.cdb, users/secrets.cdb, users/passwd.lock
// Executes: nothing
// Trusts: its arguments and those files
// Exits: 0 100 111

#include <unistd.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/hash.h"
#include "auth/user_admin.h"
#include "base/number.h"
#include "base/text.h"
#include "base/wipe.h"
#include "sys/exits.h"
#include "sys/file.h"
#include "sys/options.h"
#include "sys/passwd.h"
#include "sys/program.h"
#include "sys/stream.h"
#include "sys/terminal.h"
#include "sys/usage.h"

namespace {

namespace auth = reqmail::auth;
namespace base = reqmail::base;
namespace sys = reqmail::sys;
using auth::UserFileKind;
using reqmail::Result;

constexpr std::string_view kUsage =
    "usage: qmail-newpasswd [-s]\n"
    "       qmail-newpasswd [-s] list\n"
    "       qmail-newpasswd add [-n] [-m method] [-c count] [-g gecos] [-S shell] login "
    "account "
    "home\n"
    "       qmail-newpasswd change [-p] [-m method] [-c count] [-u account] [-d home] [-g "
    "gecos] "
    "[-S shell] login\n"
    "       qmail-newpasswd remove|lock|unlock login\n"
    "       qmail-newpasswd -s add|change|remove login\n"
    "account: a name of the system's, or uid:gid; methods: ";

// This leaves room for a login and a timestamp in the input of a checkpassword program.
constexpr std::size_t kPasswordMax = 255;

struct Request {
  UserFileKind kind = UserFileKind::passwd;
  std::string command;  // empty means rebuild
  std::vector<std::string> words;
  auth::UserChange change;
  const auth::HashMethod* method = nullptr;
  std::optional<unsigned long> count;
  bool no_password = false;
  bool ask_password = false;
};

[[noreturn]] void fail(int code, std::string_view text) {
  (void)sys::write_all(STDERR_FILENO, base::concat({"qmail-newpasswd: fatal: ", text, "\n"}));
  sys::finish(code);
}

std::string usage() {
  std::string text(kUsage);
  for (const auth::HashMethod& method : auth::hash_methods()) {
    text += base::concat({method.name, " "});
  }
  text.back() = '\n';
  return text;
}

[[noreturn]] void refuse() {
  sys::refuse_arguments(usage());
}

template <typename T>
T need(Result<T> result) {
  if (!result) {
    fail(sys::kExitTemporary, result.error().text);
  }
  return std::move(*result);
}

sys::Identity identity_of(const std::string& account) {
  const std::size_t colon = account.find(':');
  sys::Identity identity{0, 0};
  if (colon == std::string::npos) {
    const auto entry = need(sys::find_passwd_entry(account));
    if (!entry) {
      fail(sys::kExitPermanent, base::concat({"the system has no account ", account}));
    }
    identity = {entry->uid, entry->gid};
  } else {
    const auto uid = base::parse_u64(account.substr(0, colon));
    const auto gid = base::parse_u64(account.substr(colon + 1));
    if (!uid || !gid || *uid > 0xfffffffeU || *gid > 0xfffffffeU) {
      fail(sys::kExitPermanent, base::concat({account, " is not uid:gid"}));
    }
    identity = {static_cast<uid_t>(*uid), static_cast<gid_t>(*gid)};
  }
  if (identity.uid == 0) {
    fail(sys::kExitPermanent, "uid 0 is never let in");
  }
  return identity;
}

void take_option(const sys::Option& option, Request& request) {
  switch (option.letter) {
  case 's':
    request.kind = UserFileKind::secrets;
    break;
  case 'n':
    request.no_password = true;
    break;
  case 'p':
    request.ask_password = true;
    break;
  case 'm':
    request.method = auth::find_hash_method(option.value);
    if (request.method == nullptr) {
      refuse();
    }
    break;
  case 'c':
    request.count = base::parse_u64(option.value);
    if (!request.count) {
      refuse();
    }
    break;
  case 'u':
    request.change.identity = identity_of(option.value);
    break;
  case 'd':
    request.change.home = option.value;
    break;
  case 'g':
    request.change.gecos = option.value;
    break;
  default:  // S
    request.change.shell = option.value;
    break;
  }
}

std::vector<std::string> take_options(int argc, char** argv, Request& request) {
  sys::Options options(argc, argv, "snpm:c:u:d:g:S:");
  while (const auto option = options.next()) {
    if (option->kind != sys::Option::Kind::known) {
      refuse();
    }
    take_option(*option, request);
  }
  return options.rest();
}

// Options may come before or after the command.
Request read_arguments(int argc, char** argv) {
  Request request;
  const int count = static_cast<int>(take_options(argc, argv, request).size());
  if (count > 0) {
    request.command = argv[argc - count];
    request.words = take_options(count, argv + argc - count, request);
  }
  return request;
}

std::string ask_twice() {
  std::string password = need(sys::ask_hidden(STDIN_FILENO, "Password: ", kPasswordMax));
  std::string again = need(sys::ask_hidden(STDIN_FILENO, "The same again: ", kPasswordMax));
  const bool same = password == again;
  base::wipe(again);
  if (!same) {
    base::wipe(password);
    fail(sys::kExitPermanent, "the two differ; nothing was changed");
  }
  return password;
}

// Reads one line of standard input; at a terminal it asks twice.
std::string read_password() {
  std::string password;
  if (sys::is_terminal(STDIN_FILENO)) {
    password = ask_twice();
  } else {
    sys::Reader input(STDIN_FILENO);
    const sys::LineEnd end = need(input.get_line(password, kPasswordMax));
    if (end == sys::LineEnd::too_long) {
      fail(sys::kExitPermanent, "a password has at most 255 bytes");
    }
  }
  if (password.empty() || password.find('\0') != std::string::npos) {
    fail(sys::kExitPermanent, "no password was given; nothing was changed");
  }
  return password;
}

std::string new_hash(const Request& request) {
  std::string password = read_password();
  auto hash = auth::make_hash(password, request.method, request.count);
  base::wipe(password);
  if (!hash) {
    fail(sys::kExitPermanent, hash.error().text);
  }
  return std::move(*hash);
}

void expect(const Request& request, bool there) {
  if (auto found = auth::expect_login(request.kind, request.words[0], there); !found) {
    fail(sys::kExitTemporary, found.error().text);
  }
}

Result<auth::Done> add(Request& request) {
  request.change.identity = identity_of(request.words[1]);
  request.change.home = request.words[2];
  expect(request, false);
  request.change.hash = request.no_password ? "*" : new_hash(request);
  return auth::add_user(request.words[0], request.change);
}

Result<auth::Done> change(Request& request) {
  const auth::UserChange& change = request.change;
  const bool other = change.identity || change.home || change.gecos || change.shell;
  expect(request, true);
  if (request.no_password) {
    request.change.hash = "*";
  } else if (request.ask_password || !other) {
    request.change.hash = new_hash(request);
  }
  return auth::change_user(request.words[0], request.change);
}

Result<auth::Done> store_secret(const Request& request) {
  const bool there = request.command == "change";
  expect(request, there);
  std::string secret = read_password();
  auto done = auth::set_secret(request.words[0], secret, there);
  base::wipe(secret);
  return done;
}

Result<auth::Done> act(Request& request) {
  const std::string& command = request.command;
  const bool secrets = request.kind == UserFileKind::secrets;
  const std::size_t words = request.words.size();
  if (command.empty()) {
    return auth::rebuild(request.kind);
  }
  if (command == "list" && words == 0) {
    return auth::list_logins(request.kind);
  }
  if (secrets && (command == "add" || command == "change") && words == 1) {
    return store_secret(request);
  }
  if (command == "add" && !secrets && words == 3) {
    return add(request);
  }
  if (words != 1) {
    refuse();
  }
  if (command == "remove") {
    return auth::remove_login(request.kind, request.words[0]);
  }
  if (command == "change" && !secrets) {
    return change(request);
  }
  if (command == "lock" && !secrets) {
    return auth::lock_user(request.words[0]);
  }
  if (command == "unlock" && !secrets) {
    return auth::unlock_user(request.words[0]);
  }
  refuse();
}

}  // namespace

int main(int argc, char** argv) {
  const sys::Program program({
      .out_of_memory_fd = STDERR_FILENO,
      .out_of_memory_text = "qmail-newpasswd: fatal: out of memory\n",
      .holds_secrets = true,
      .umask = 077,
  });
  sys::answer_help(argc, argv, usage());
  Request request = read_arguments(argc, argv);
  if (!sys::Program::enter_home()) {
    fail(sys::kExitTemporary, "unable to chdir");
  }
  const auth::Done done = need(act(request));
  (void)sys::write_all(STDERR_FILENO, done.remarks);
  if (!sys::write_all(STDOUT_FILENO, done.output)) {
    fail(sys::kExitTemporary, "unable to write output");
  }
  sys::finish(sys::kExitSuccess);
}
