#include "sys/process.h"

#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "base/text.h"
#include "config.h"
#include "sys/error.h"
#include "sys/fd.h"

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

// Everything execve needs, made before the fork: the child must not allocate.
struct Image {
  std::vector<std::string> candidates;
  std::vector<char*> arguments;
  std::vector<char*> environment_pointers;
  char** environment = environ;

  Image(const std::string& program, const std::vector<std::string>& argv,
        const std::optional<std::vector<std::string>>& env)
      : candidates(program_candidates(program)), arguments(pointers_to(argv)) {
    if (env) {
      environment_pointers = pointers_to(*env);
      environment = environment_pointers.data();
    }
  }

  // The errno of the failure that matters: of the first candidate that exists, as execvp does.
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

// Highest descriptor number that a move mentions; copies made on the way must lie above it.
int highest_target(const std::vector<DescriptorMove>& moves) {
  int highest = 2;
  for (const DescriptorMove& move : moves) {
    highest = std::max({highest, move.from, move.to});
  }
  return highest;
}

bool move_descriptors(const std::vector<DescriptorMove>& moves, std::vector<int>& copies) {
  const int above = highest_target(moves) + 1;
  for (std::size_t i = 0; i < moves.size(); ++i) {
    copies[i] = ::fcntl(moves[i].from, F_DUPFD_CLOEXEC, above);
    if (copies[i] < 0) {
      return false;
    }
  }
  for (std::size_t i = 0; i < moves.size(); ++i) {
    if (::dup2(copies[i], moves[i].to) < 0) {
      return false;
    }
  }
  return true;
}

bool take_identity(const Identity& identity) {
  return ::setgroups(1, &identity.gid) == 0 && ::setgid(identity.gid) == 0 &&
         ::setuid(identity.uid) == 0 && ::getuid() == identity.uid &&
         ::geteuid() == identity.uid;
}

void reset_signals() {
  for (int number = 1; number < NSIG; ++number) {
    struct sigaction action = {};
    if (::sigaction(number, nullptr, &action) == 0 && action.sa_handler != SIG_IGN &&
        action.sa_handler != SIG_DFL) {
      action = {};
      action.sa_handler = SIG_DFL;
      (void)::sigaction(number, &action, nullptr);
    }
  }
  sigset_t none;
  (void)::sigemptyset(&none);
  (void)::sigprocmask(SIG_SETMASK, &none, nullptr);
}

void say_exec_failed(const ChildSpec& spec, int error) {
  if (spec.exec_failed_before.empty() && spec.exec_failed_behind.empty()) {
    return;
  }
  const std::string_view parts[] = {spec.exec_failed_before, error_text(error),
                                    spec.exec_failed_behind};
  for (const std::string_view part : parts) {
    (void)!::write(2, part.data(), part.size());
  }
}

[[noreturn]] void become_child(const ChildSpec& spec, const Image& image,
                               std::vector<int>& copies) {
  reset_signals();
  int error = 0;
  if (move_descriptors(spec.descriptors, copies) &&
      (!spec.directory || ::chdir(spec.directory->c_str()) == 0) &&
      (!spec.identity || take_identity(*spec.identity))) {
    error = image.run();
  } else {
    error = errno;
  }
  say_exec_failed(spec, error);
  ::_exit(spec.exec_failed);
}

WaitStatus decode(int status) {
  if (WIFSIGNALED(status)) {
    return WaitStatus{true, WTERMSIG(status)};
  }
  return WaitStatus{false, WEXITSTATUS(status)};
}

}  // namespace

Result<pid_t> spawn(const ChildSpec& spec) {
  const Image image(spec.program, spec.arguments, spec.environment);
  std::vector<int> copies(spec.descriptors.size());
  const pid_t child = ::fork();
  if (child < 0) {
    return system_failure("unable to fork");
  }
  if (child == 0) {
    become_child(spec, image, copies);
  }
  return child;
}

Failure replace_program(const std::string& program, const std::vector<std::string>& arguments,
                        const std::optional<std::vector<std::string>>& environment) {
  const Image image(program, arguments, environment);
  return system_failure(base::concat({"unable to run ", program}), image.run());
}

Result<WaitStatus> wait_for(pid_t child) {
  int status = 0;
  for (;;) {
    if (::waitpid(child, &status, 0) == child) {
      return decode(status);
    }
    if (errno != EINTR) {
      return system_failure("unable to wait for child");
    }
  }
}

std::optional<Ended> reap() {
  int status = 0;
  const pid_t child = ::waitpid(-1, &status, WNOHANG);
  if (child <= 0) {
    return std::nullopt;
  }
  return Ended{child, decode(status)};
}

}  // namespace reqmail::sys
