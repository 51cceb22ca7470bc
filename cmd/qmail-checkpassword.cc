// qmail-checkpassword: checks the login on descriptor 3, becomes its account and runs a program
// (qmail-checkpassword(8)).
//
// Runs as: root (setuid), started by qmaild or root; then the account of the login
// Reads: descriptor 3; users/passwd.cdb, users/secrets.cdb; /etc/passwd, /etc/shadow or PAM
// Writes: nothing
// Executes: the program of its arguments, as the account of the login
// Trusts: nobody; the caller chooses every byte, the environment, descriptors and limits, and
//   must be root or qmaild by its real uid
// Exits: 0 1 2 111

#include <string.h>
#include <unistd.h>

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "auth/authenticate.h"
#include "auth/login_fields.h"
#include "base/text.h"
#include "config.h"
#include "sys/env.h"
#include "sys/exits.h"
#include "sys/fd.h"
#include "sys/file.h"
#include "sys/identity.h"
#include "sys/passwd.h"
#include "sys/process.h"
#include "sys/program.h"
#include "sys/secrets.h"
#include "sys/stream.h"

namespace {

namespace auth = reqmail::auth;
namespace base = reqmail::base;
namespace config = reqmail::config;
namespace sys = reqmail::sys;
using reqmail::Failure;
using reqmail::Result;

constexpr int kLoginDescriptor = 3;
constexpr int kRefused = 1;
constexpr int kMisused = 2;
// PATH for NSS and PAM modules while this process is root.
constexpr const char* kPath = "/usr/sbin:/usr/bin:/sbin:/bin";

[[noreturn]] void end(int code, std::string_view text) {
  (void)sys::write_all(STDERR_FILENO,
                       base::concat({"qmail-checkpassword: fatal: ", text, "\n"}));
  sys::finish(code);
}

[[noreturn]] void give_up(const Failure& failure) {
  end(sys::kExitTemporary, failure.text);
}

// Reads to end of file. Input that is longer than any login is refused.
void read_login(auth::LoginFields& fields) {
  std::array<char, auth::kLoginFieldsMax + 1> buffer = {};
  std::size_t used = 0;
  while (used < buffer.size()) {
    const auto got =
        sys::read_some(kLoginDescriptor, buffer.data() + used, buffer.size() - used);
    if (!got) {
      end(kMisused, "no login on descriptor 3");
    }
    if (*got == 0) {
      break;
    }
    used += *got;
  }
  sys::close_descriptor(kLoginDescriptor);
  if (used > auth::kLoginFieldsMax) {
    sys::finish(kRefused);
  }
  const bool complete = auth::parse_login_fields({buffer.data(), used}, fields);
  ::explicit_bzero(buffer.data(), buffer.size());
  if (!complete) {
    end(kMisused, "descriptor 3 has no login and password, each ended by NUL");
  }
}

// The group that may execute this file also contains accounts that must not check passwords.
void need_known_caller() {
  const uid_t caller = ::getuid();
  if (caller != 0 && sys::account_uid(sys::Account::qmaild) != caller) {
    end(sys::kExitTemporary,
        base::concat({"only root and ", sys::account_name(sys::Account::qmaild),
                      " may ask about passwords"}));
  }
}

void need_root() {
  if (::geteuid() == 0) {
    return;
  }
  if (sys::ignores_setuid()) {
    end(sys::kExitTemporary,
        "not root: the setuid bit has no effect, since no_new_privs is set (NoNewPrivileges= "
        "and what implies it in a unit)");
  }
  end(sys::kExitTemporary,
      "not root: this program must belong to root with mode 4710, on a file system that is not "
      "mounted nosuid (make instcheck)");
}

Result<void> become(const auth::LoginAccount& account) {
  return account.of_system ? sys::become_account(account.user, account.identity)
                           : sys::become(account.identity);
}

// Returns the account of the login; ends the process if the login is refused.
auth::LoginAccount check() {
  auth::LoginFields fields;
  read_login(fields);
  need_root();
  auto account = auth::authenticate(fields, base::concat({config::kHome, "/users"}));
  if (!account) {
    give_up(account.error());
  }
  if (!*account) {
    sys::finish(kRefused);
  }
  return std::move(**account);
}

[[noreturn]] void run(const auth::LoginAccount& account, sys::Environment environment,
                      const std::vector<std::string>& program) {
  if (auto became = become(account); !became) {
    give_up(became.error());
  }
  if (auto moved = sys::change_directory(account.home); !moved) {
    give_up(moved.error());
  }
  if (const auto path = environment.get("PATH"); path) {
    sys::set_environment_value("PATH", std::string(*path));
  } else {
    sys::clear_environment();
  }
  environment.set("USER", account.user);
  environment.set("HOME", account.home);
  environment.set("SHELL", account.shell);
  give_up(sys::replace_program(program.front(), program, environment.strings()));
}

}  // namespace

int main(int argc, char** argv) {
  const sys::Program program({
      .out_of_memory_fd = STDERR_FILENO,
      .out_of_memory_text = "qmail-checkpassword: fatal: out of memory\n",
      .holds_secrets = true,
  });
  if (argc < 2) {
    end(kMisused, "usage: qmail-checkpassword program [ argument ... ]");
  }
  need_known_caller();
  sys::Environment environment = sys::Environment::current();
  const auto peer = sys::environment_value("TCPREMOTEIP");
  sys::clear_environment();
  sys::set_environment_value("PATH", kPath);
  if (peer) {
    sys::set_environment_value("TCPREMOTEIP", *peer);
  }
  const auth::LoginAccount account = check();
  run(account, std::move(environment), {argv + 1, argv + argc});
}
