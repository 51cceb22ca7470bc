// reference: a fixed amount of work of the kinds that a mail system does, which
// tests/bench/smoke.py compares a message's processor time with. `reference DIRECTORY` does it
// 200 times; exit 0, 1 if a step fails. It must stay as it is: recorded ratios depend on it.

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

namespace {

constexpr int kRounds = 200;
constexpr int kFiles = 3;
constexpr int kExchanges = 10;
constexpr std::size_t kSize = 4096;

// FNV-1a, 64 bits.
std::uint64_t hash(std::string_view bytes, std::uint64_t state) {
  for (char byte : bytes) {
    state = (state ^ static_cast<unsigned char>(byte)) * 0x100000001b3U;
  }
  return state;
}

// A process that executes a program, as a delivery does.
bool execute(const char* self) {
  pid_t child = ::fork();
  if (child == 0) {
    ::execl(self, self, static_cast<char*>(nullptr));
    ::_exit(1);
  }
  int status = 0;
  return child > 0 && ::waitpid(child, &status, 0) == child && status == 0;
}

// Files that are written, synced, renamed, read and removed, as a queue does.
bool write_files(const std::string& directory, const std::array<char, kSize>& bytes) {
  for (int number = 0; number < kFiles; ++number) {
    std::string first = directory + "/first";
    std::string second = directory + "/second";
    int file = ::open(first.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0600);
    std::array<char, kSize> read{};
    bool good = file >= 0 && ::write(file, bytes.data(), kSize) == ssize_t{kSize} &&
                ::fsync(file) == 0 && ::rename(first.c_str(), second.c_str()) == 0 &&
                ::pread(file, read.data(), kSize, 0) == ssize_t{kSize} && read == bytes;
    ::close(file);
    if (!good || ::unlink(second.c_str()) != 0) {
      return false;
    }
  }
  return true;
}

// Words to another process and back, as a session does.
bool talk() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) != 0) {
    return false;
  }
  pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    std::array<char, 64> word{};
    for (ssize_t got = 0; (got = ::read(ends[1], word.data(), word.size())) > 0;) {
      if (::write(ends[1], word.data(), static_cast<std::size_t>(got)) != got) {
        ::_exit(1);
      }
    }
    ::_exit(0);
  }
  ::close(ends[1]);
  std::array<char, 64> word{};
  bool good = child > 0;
  for (int number = 0; good && number < kExchanges; ++number) {
    good = ::write(ends[0], word.data(), 32) == 32 &&
           ::read(ends[0], word.data(), word.size()) == 32;
  }
  ::close(ends[0]);
  int status = 0;
  return good && ::waitpid(child, &status, 0) == child && status == 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    return 0;  // the program that execute() starts
  }
  std::array<char, kSize> bytes{};
  std::uint64_t state = 0xcbf29ce484222325U;
  for (int round = 0; round < kRounds; ++round) {
    for (int number = 0; number < 16; ++number) {
      state = hash({bytes.data(), bytes.size()}, state);
    }
    bytes[static_cast<std::size_t>(round)] = static_cast<char>(state & 0x7f);
    if (!execute(argv[0]) || !write_files(argv[1], bytes) || !talk()) {
      std::perror("reference");
      return 1;
    }
  }
  std::printf("%016llx\n", static_cast<unsigned long long>(state));
  return 0;
}
