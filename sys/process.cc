#include "sys/process.h"

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>

#include "base/text.h"
#include "compat/capabilities.h"
#include "compat/close_range.h"
#include "compat/no_new_privs.h"
#include "compat/no_tracing.h"
#include "compat/process_name.h"
#include "compat/reading_filter.h"
#include "config.h"
#include "sys/error.h"
#include "sys/signals.h"

namespace reqmail::sys {

namespace {

std::vector<std::string> program_candidates(const std::string& program) {
  if (program.find('/') != std::string::npos) {
    return {program};
  }
  const char* path = std::getenv("PATH");
  if (path == nullptr || *path == '\0') {
    return {base::concat({config::kHome, "/bin/", program})};
  }
  std::vector<std::string> candidates;
  for (const std::string_view directory : base::split(path, ':')) {
    candidates.push_back(directory.empty() ? program : base::concat({directory, "/", program}));
  }
  return candidates;
}

std::vector<char*> pointers_to(const std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  pointers.reserve(strings.size() + 1);
  for (const std::string& text : strings) {
    pointers.push_back(
        const_cast<char*>(text.c_str()));  // execve's prototype; it does not write
  }
  pointers.push_back(nullptr);
  return pointers;
}

// Everything that execve(2) needs, prepared before the fork, since the child must not allocate.
struct Image {
  std::vector<std::string> candidates;
  std::vector<char*> arguments;
  std::vector<char*> environment_pointers;
  char** environment = environ;

  // Of a child that executes nothing.
  Image() = default;

  Image(const std::string& program, const std::vector<std::string>& argv,
        const std::optional<std::vector<std::string>>& env)
      : candidates(program_candidates(program)), arguments(pointers_to(argv)) {
    if (env) {
      environment_pointers = pointers_to(*env);
      environment = environment_pointers.data();
    }
  }

  // Returns the errno that matters: that of the first candidate that exists, as execvp(3) does.
  [[nodiscard]] int run() const {
    int error = ENOENT;
    for (const std::string& candidate : candidates) {
      (void)::execve(candidate.c_str(), arguments.data(), environment);
      if (errno != ENOENT && errno != ENOTDIR) {
        error = errno;
        if (errno != EACCES) {
          return error;
        }
      }
    }
    return error;
  }
};

// Returns the highest descriptor in the moves; temporary copies must have higher numbers.
int highest_target(const std::vector<DescriptorMove>& moves) {
  int highest = 2;
  for (const DescriptorMove& move : moves) {
    highest = std::max({highest, move.from, move.to});
  }
  return highest;
}

// The moves, planned before the fork, since the child must not allocate.
class Moves {
 public:
  explicit Moves(const std::vector<DescriptorMove>& moves) : moves_(moves) {
    if (overlapping()) {
      copies_.resize(moves_.size());
    }
  }

  // Returns false with errno set on failure.
  bool run() { return copies_.empty() ? move_directly() : move_through_copies(); }

 private:
  // Returns whether one move overwrites a descriptor that another move still needs.
  [[nodiscard]] bool overlapping() const {
    return std::any_of(moves_.begin(), moves_.end(), [this](const DescriptorMove& one) {
      return std::any_of(moves_.begin(), moves_.end(), [&one](const DescriptorMove& other) {
        return &one != &other && one.from == other.to;
      });
    });
  }

  [[nodiscard]] bool move_directly() const {
    return std::all_of(moves_.begin(), moves_.end(), [](const DescriptorMove& move) {
      // dup2(2) of a descriptor to itself would leave it close-on-exec.
      return move.from == move.to ? ::fcntl(move.to, F_SETFD, 0) == 0
                                  : ::dup2(move.from, move.to) >= 0;
    });
  }

  bool move_through_copies() {
    const int above = highest_target(moves_) + 1;
    for (std::size_t i = 0; i < moves_.size(); ++i) {
      copies_[i] = ::fcntl(moves_[i].from, F_DUPFD_CLOEXEC, above);
      if (copies_[i] < 0) {
        return false;
      }
    }
    for (std::size_t i = 0; i < moves_.size(); ++i) {
      if (::dup2(copies_[i], moves_[i].to) < 0) {
        return false;
      }
    }
    return true;
  }

  const std::vector<DescriptorMove>& moves_;
  std::vector<int> copies_;
};

bool take_identity(const Identity& identity) {
  return ::setgroups(1, &identity.gid) == 0 && ::setgid(identity.gid) == 0 &&
         ::setuid(identity.uid) == 0 && ::getuid() == identity.uid &&
         ::geteuid() == identity.uid;
}

// Closes all descriptors above 2 that the child does not get.
void close_others(const std::vector<DescriptorMove>& moves) {
  constexpr int kFirstOther = 3;
  int after = kFirstOther;
  for (const DescriptorMove& move : moves) {
    after = std::max(after, move.to + 1);
  }
  for (int fd = kFirstOther; fd < after; ++fd) {
    const auto is_given = [fd](const DescriptorMove& move) { return move.to == fd; };
    if (std::none_of(moves.begin(), moves.end(), is_given)) {
      (void)::close(fd);
    }
  }
  compat::close_from(after);
}

// Gives up what exec would take away, and takes the name of the program.
void lose_what_programs_lose(const ChildSpec& spec) {
  close_others(spec.descriptors);
  compat::forbid_tracing();
  // Without a slash the whole of it.
  const std::size_t name = spec.program.rfind('/') + 1;
  compat::set_process_name(spec.program.c_str() + name);
  if (spec.identity) {
    compat::drop_capabilities();
  }
}

// What prevented a process from becoming what its ChildSpec asks for.
struct Obstacle {
  int error;
  bool identity;
};

// Returns only on failure.
Obstacle take_shape(const ChildSpec& spec, const Image& image, Moves& moves) {
  if (spec.own_group) {
    (void)::setpgid(0, 0);
  }
  if (!moves.run() || (spec.directory && ::chdir(spec.directory->c_str()) != 0)) {
    return Obstacle{errno, false};
  }
  if (spec.identity && !take_identity(*spec.identity)) {
    return Obstacle{errno, true};
  }
  if (spec.only_reads) {
    compat::forbid_new_privileges();
    (void)compat::only_read_files(true);
  }
  if (spec.work) {
    lose_what_programs_lose(spec);
    ::_exit(spec.work());
  }
  return Obstacle{image.run(), false};
}

void say_exec_failed(const ChildSpec& spec, int error) {
  const std::string& text =
      is_temporary(error) ? spec.exec_failed_temporary_text : spec.exec_failed_text;
  if (!text.empty()) {
    (void)!::write(2, text.data(), text.size());
  }
  if (spec.exec_failed_before.empty() && spec.exec_failed_after.empty()) {
    return;
  }
  const std::string_view parts[] = {spec.exec_failed_before, error_text(error),
                                    spec.exec_failed_after};
  for (const std::string_view part : parts) {
    (void)!::write(2, part.data(), part.size());
  }
}

// The address sanitizer cannot handle the borrowed stack, so this is not instrumented.
[[noreturn, gnu::no_sanitize_address]] void become_child(const ChildSpec& spec,
                                                         const Image& image, Moves& moves) {
  forget_signals();
  const Obstacle obstacle = take_shape(spec, image, moves);
  say_exec_failed(spec, obstacle.error);
  if (obstacle.identity && spec.identity_failed) {
    ::_exit(*spec.identity_failed);
  }
  if (spec.exec_failed_temporary && is_temporary(obstacle.error)) {
    ::_exit(*spec.exec_failed_temporary);
  }
  ::_exit(spec.exec_failed);
}

struct Start {
  const ChildSpec& spec;
  const Image& image;
  Moves& moves;
};

pid_t start_copied(Start& start) {
  const pid_t child = ::fork();
  if (child == 0) {
    become_child(start.spec, start.image, start.moves);
  }
  return child;
}

[[gnu::no_sanitize_address]] int run_borrowing(void* argument) {
  auto& start = *static_cast<Start*>(argument);
  become_child(start.spec, start.image, start.moves);
}

// Does what vfork(2) does, but with a separate stack for the child, so that ours stays intact.
// Returns when the child has executed its program or ended.
pid_t start_borrowing(Start& start) {
  constexpr std::size_t kStackSize = std::size_t{32} << 10;
  const std::unique_ptr<char[]> stack(new char[kStackSize]);  // NOLINT(*-avoid-c-arrays)
  return ::clone(run_borrowing, stack.get() + kStackSize, CLONE_VM | CLONE_VFORK | SIGCHLD,
                 &start);
}

pid_t start_child(Start& start) {
  const bool lends = !start.spec.identity || start.spec.identity_trusted;
  return lends && !start.spec.work ? start_borrowing(start) : start_copied(start);
}

}  // namespace

std::optional<std::string> program_path(const std::string& program) {
  const auto candidates = program_candidates(program);
  const auto found =
      std::find_if(candidates.begin(), candidates.end(),
                   [](const std::string& path) { return ::access(path.c_str(), X_OK) == 0; });
  return found == candidates.end() ? std::nullopt : std::optional(*found);
}

bool is_program_in_path(const std::string& name) {
  return program_path(name).has_value();
}

Result<Child> spawn(const ChildSpec& spec) {
  const Image image =
      spec.work ? Image() : Image(spec.program, spec.arguments, spec.environment);
  Moves moves(spec.descriptors);
  Start start{spec, image, moves};
  const SignalPause pause;
  const pid_t child = start_child(start);
  if (child < 0) {
    return system_failure("unable to fork");
  }
  return Child(child);
}

Failure become_program(const ChildSpec& spec) {
  const Image image(spec.program, spec.arguments, spec.environment);
  Moves moves(spec.descriptors);
  return system_failure(base::concat({"unable to run ", spec.program}),
                        take_shape(spec, image, moves).error);
}

Failure replace_program(const std::string& program, const std::vector<std::string>& arguments,
                        const std::optional<std::vector<std::string>>& environment) {
  const Image image(program, arguments, environment);
  return system_failure(base::concat({"unable to run ", program}), image.run());
}

}  // namespace reqmail::sys
