// Calls made at once: each result belongs to its call.
#include "sys/together.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <vector>

namespace reqmail::sys {
namespace {

TEST(Together, ResultsHaveTheOrderOfTheCalls) {
  Together together(3);
  EXPECT_TRUE(together.run({}).empty());
  // More than once, with more calls than threads.
  for (const int count : {1, 2, 40, 5}) {
    std::vector<Together::Call> calls;
    for (int i = 0; i < count; ++i) {
      calls.emplace_back([i]() -> Result<void> {
        (void)::usleep(static_cast<unsigned>(i % 3) * 500);
        if (i % 2 == 1) {
          return Failure(temporary("call " + std::to_string(i), i));
        }
        return {};
      });
    }
    const auto results = together.run(calls);
    ASSERT_EQ(results.size(), calls.size());
    for (int i = 0; i < count; ++i) {
      const auto& result = results[static_cast<std::size_t>(i)];
      EXPECT_EQ(result.has_value(), i % 2 == 0);
      if (!result) {
        EXPECT_EQ(result.error().error, i);
      }
    }
  }
}

// Each call waits for a byte of the other one.
TEST(Together, CallsRunAtOnce) {
  int ends[2][2];
  ASSERT_EQ(::pipe(ends[0]), 0);
  ASSERT_EQ(::pipe(ends[1]), 0);
  const auto meet = [&ends](int own, int other) {
    return [&ends, own, other]() -> Result<void> {
      (void)!::write(ends[other][1], "x", 1);
      pollfd entry{ends[own][0], POLLIN, 0};
      return ::poll(&entry, 1, 5000) == 1 ? Result<void>() : Failure(temporary("", ETIMEDOUT));
    };
  };
  Together together(2);
  for (const auto& result : together.run({meet(0, 1), meet(1, 0)})) {
    EXPECT_TRUE(result);
  }
  for (auto& pair : ends) {
    (void)::close(pair[0]);
    (void)::close(pair[1]);
  }
}

// A process without a descriptor left cannot wait for threads; it makes the calls itself.
TEST(Together, WithoutThreads) {
  const pid_t child = ::fork();
  if (child == 0) {
    const rlimit none{0, 0};
    (void)::setrlimit(RLIMIT_NOFILE, &none);
    int made = 0;
    Together together(4);
    const auto call = [&made]() -> Result<void> {
      ++made;
      return {};
    };
    const auto results = together.run({call, call, call});
    ::_exit(made == 3 && results.size() == 3 && results[2] ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace reqmail::sys
