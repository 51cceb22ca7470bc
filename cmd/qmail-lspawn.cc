// qmail-lspawn: starts local deliveries as qmail-send orders them.
//
// Runs as: root, with qmail-start's group; each delivery as its user
// Reads: orders on descriptor 0, users/cdb, queue/mess, /etc/passwd, what qmail-getpw answers,
//   control/ (concurrencylocal concurrencylocaluser timeoutlocal)
// Writes: reports on descriptor 1
// Executes: bin/qmail-getpw (as qmailp), bin/qmail-local or QMAILLOCAL (as the user) unless a
//   child does its work
// Trusts: qmail-send's orders as far as they name messages of qmailq's; users/cdb and
//   qmail-getpw as to who the user is, root excepted
// Exits: 0 100 111

#include <malloc.h>
#include <string.h>

#include <cstddef>
#include <cstdlib>
#include <exception>
#include <new>
#include <string>

#include "base/text.h"
#include "config.h"
#include "spawn/engine.h"
#include "spawn/hook.h"
#include "spawn/local_limits.h"
#include "spawn/local_spawn.h"
#include "spawn/report.h"
#include "sys/env.h"
#include "sys/exits.h"
#include "sys/file.h"
#include "sys/identity.h"
#include "sys/need_account.h"
#include "sys/program.h"
#include "sys/program_mark.h"

namespace base = reqmail::base;
namespace config = reqmail::config;
namespace spawn = reqmail::spawn;
namespace sys = reqmail::sys;

namespace {

constexpr auto kLocalMark = sys::program_mark("qmail-local");
constexpr auto kLookupMark = sys::program_mark("qmail-getpw");

// If QMAILLOCAL is set, even to our own program, that program must be executed.
std::string mark_of_local() {
  if (!sys::environment_value("QMAILLOCAL").value_or("").empty()) {
    return {};
  }
  return {kLocalMark.begin(), kLocalMark.end()};
}

}  // namespace

// Overwrites memory when it is freed. A child that makes a delivery has a copy of this memory
// and runs as the user, so there must be no addresses or reports of others in it.
void operator delete(void* memory) noexcept {
  if (memory != nullptr) {
    ::explicit_bzero(memory, ::malloc_usable_size(memory));
    std::free(memory);
  }
}

void operator delete(void* memory, std::size_t /*size*/) noexcept {
  operator delete(memory);
}

// This must match operator delete, which uses free().
void* operator new(std::size_t size) {
  for (;;) {
    if (void* memory = std::malloc(size == 0 ? 1 : size)) {
      return memory;
    }
    const std::new_handler handler = std::get_new_handler();
    if (handler == nullptr) {
      std::terminate();
    }
    handler();
  }
}

int main(int argc, char** argv) {
  const sys::Program program({.close_on_exec_from = 3});
  const std::string home(config::kHome);
  if (!sys::Program::enter_home() || !sys::open_directory("queue/mess")) {
    sys::finish(sys::kExitTemporary);
  }
  if (argc < 2) {
    sys::finish(sys::kExitPermanent);
  }
  constexpr std::string_view kName = "qmail-lspawn";
  const std::string own_program = base::concat({home, "/bin/qmail-local"});
  const std::string local_program = spawn::hook_program("QMAILLOCAL", home, own_program);
  const spawn::LocalLimits limits = spawn::read_local_limits();
  spawn::LocalSpawn policy({
      .home = home,
      .default_delivery = argv[1],
      .program = local_program,
      .replaced = local_program != own_program,
      .program_mark = mark_of_local(),
      .lookup_mark = std::string(kLookupMark.begin(), kLookupMark.end()),
      .workers = limits.time.count() == 0,
      .lookup_identity = sys::need_identity(kName, sys::Account::qmailp),
  });
  spawn::Engine engine(
      {
          .slots = config::kSpawnLimit,
          .message_owner = sys::need_uid(kName, sys::Account::qmailq),
          .message_directory = "queue/mess/",
          .output_max = spawn::kLocalOutputMax,
          .places = limits.places,
          .user_max = limits.per_user,
          .user_max_by_places = !limits.per_user_chosen,
          .time_limit = limits.time,
      },
      policy);
  sys::finish(engine.serve() ? sys::kExitSuccess : sys::kExitTemporary);
}
