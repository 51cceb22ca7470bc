// A service at a socket of this host, in a process of its own: it reads its input and sends the
// same bytes to each connection.
#pragma once

#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <string>

#include "sys/fd.h"
#include "sys/stream.h"

namespace reqmail::tests {

class StubService {
 public:
  // `answers` are sent at once, before anything is read. If `stays` is true, the connection
  // then stays open. Everything that the service reads is appended to the file `log`.
  StubService(const std::string& path, const std::string& answers, bool stays,
              const std::string& log) {
    const sys::Fd listener(::socket(AF_UNIX, SOCK_STREAM, 0));
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, path.size());
    (void)::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof address);
    (void)::listen(listener.get(), 8);
    child_ = ::fork();
    if (child_ == 0) {
      serve(listener.get(), answers, stays, log);
    }
  }

  StubService(const StubService&) = delete;
  StubService& operator=(const StubService&) = delete;

  ~StubService() {
    (void)::kill(child_, SIGKILL);
    (void)::waitpid(child_, nullptr, 0);
  }

 private:
  [[noreturn]] static void serve(int listener, const std::string& answers, bool stays,
                                 const std::string& log) {
    (void)::signal(SIGPIPE, SIG_IGN);
    for (;;) {
      const sys::Fd client(::accept(listener, nullptr, nullptr));
      (void)sys::write_all(client.get(), answers);
      if (!stays) {
        continue;
      }
      char bytes[4096];
      ssize_t count = 0;
      while ((count = ::read(client.get(), bytes, sizeof bytes)) > 0) {
        FILE* file = ::fopen(log.c_str(), "a");
        (void)::fwrite(bytes, 1, static_cast<std::size_t>(count), file);
        (void)::fclose(file);
      }
    }
  }

  pid_t child_ = -1;
};

}  // namespace reqmail::tests
