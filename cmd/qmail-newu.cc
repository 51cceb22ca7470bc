// qmail-newu: compiles users/assign into users/cdb.
//
// Runs as: root
// Reads: users/assign
// Writes: users/cdb.tmp, which becomes users/cdb
// Executes: nothing
// Trusts: users/assign
// Exits: 0 111

#include <string>

#include "base/text.h"
#include "sys/cdb.h"
#include "sys/exits.h"
#include "sys/file.h"
#include "sys/program.h"
#include "sys/stream.h"
#include "users/assign.h"

namespace base = reqmail::base;
namespace sys = reqmail::sys;
namespace users = reqmail::users;

namespace {

constexpr const char* kTemporary = "users/cdb.tmp";

[[noreturn]] void fail(std::string_view text) {
  (void)sys::write_all(2, base::concat({"qmail-newu: fatal: ", text, "\n"}));
  sys::finish(sys::kExitTemporary);
}

// The old users/cdb is kept, and the unfinished file is removed.
[[noreturn]] void give_up(std::string_view text) {
  (void)sys::remove_file(kTemporary);
  fail(text);
}

void compile(sys::Reader& input, int output) {
  auto writer = sys::CdbWriter::start(output);
  if (!writer) {
    give_up("unable to write users/cdb.tmp");
  }
  switch (users::compile_assignments(input, *writer)) {
  case users::CompileTrouble::none:
    return;
  case users::CompileTrouble::unreadable:
    give_up("unable to read users/assign");
  case users::CompileTrouble::bad_format:
    give_up("bad format in users/assign");
  case users::CompileTrouble::unwritable:
    give_up("unable to write users/cdb.tmp");
  }
}

}  // namespace

int main() {
  const sys::Program program({
      .out_of_memory_fd = 2,
      .out_of_memory_text = "qmail-newu: fatal: out of memory\n",
      .umask = 033,
  });
  if (!sys::Program::enter_home()) {
    fail("unable to chdir");
  }
  auto assign = sys::open_regular_read("users/assign");
  if (!assign) {
    fail("unable to open users/assign");
  }
  auto output = sys::open_truncated(kTemporary, 0644);
  if (!output) {
    fail("unable to open users/cdb.tmp");
  }
  sys::Reader input(assign->get());
  compile(input, output->get());
  if (!sys::sync(output->get())) {
    give_up("unable to write users/cdb.tmp");
  }
  if (!sys::rename_file(kTemporary, "users/cdb")) {
    give_up("unable to move users/cdb.tmp to users/cdb");
  }
  if (!sys::sync_directory("users")) {
    fail("unable to move users/cdb.tmp to users/cdb");
  }
  sys::finish(sys::kExitSuccess);
}
