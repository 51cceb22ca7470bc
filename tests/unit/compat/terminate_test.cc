#include "compat/terminate.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <exception>

namespace reqmail::compat {
namespace {

void say_and_exit() {
  std::fputs("handler\n", stderr);
  std::_Exit(7);
}

void terminate_with_handler() {
  set_terminate_handler(say_and_exit);
  std::terminate();
}

TEST(Terminate, CallsTheHandler) {
  EXPECT_EXIT(terminate_with_handler(), ::testing::ExitedWithCode(7), "^handler\n$");
}

// That the library's own handler is gone is seen in the size of the installed programs
// (test_the_memory_of_the_tutorial).

}  // namespace
}  // namespace reqmail::compat
