// The state that a program passes to the program which replaces it.
#include "tls/successor.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <string>

#include "sys/fd.h"
#include "sys/secrets.h"
#include "sys/stream.h"
#include "tls/start_tls.h"

namespace reqmail::tls {
namespace {

constexpr const char* kVariable = "REQMAIL_TEST_STATE";

Successor shell(const std::string& script) {
  return {"/bin/sh", {"sh", "-c", script}, kVariable};
}

// Returns the output of a shell that replaces a child.
std::string output_of(const std::function<void()>& become) {
  auto pipe = sys::make_pipe();
  EXPECT_TRUE(pipe);
  const pid_t child = ::fork();
  if (child == 0) {
    (void)::dup2(pipe->write.get(), STDOUT_FILENO);
    become();
    ::_exit(1);
  }
  pipe->write.close();
  auto text = sys::read_all(pipe->read.get(), 10000);
  int status = -1;
  (void)::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  return text ? *text : "?";
}

TEST(Successor, TheStateIsTheValueOfTheVariable) {
  EXPECT_EQ(
      output_of([] { (void)execute(shell("echo \"<$REQMAIL_TEST_STATE>\""), "1:a name"); }),
      "<1:a name>\n");
}

TEST(Successor, ASecretIsInAFileInMemory) {
  auto pair = sys::make_socket_pair();
  ASSERT_TRUE(pair);
  const int kept = pair->one.get();
  EXPECT_EQ(output_of([kept] {
              std::string state = "a secret\n";
              (void)execute_with_secret(
                  shell("cat /dev/fd/$REQMAIL_TEST_STATE; test -e /dev/fd/" +
                        std::to_string(kept) + " && echo kept"),
                  state, {kept});
            }),
            "a secret\nkept\n");
}

TEST(Successor, OneThatCannotBeExecuted) {
  auto pair = sys::make_socket_pair();
  std::string state = "a secret";
  const Successor missing{"/nonexistent/program", {"program"}, kVariable};
  EXPECT_EQ(execute(missing, "x").error, ENOENT);
  EXPECT_EQ(execute_with_secret(missing, state, {pair->one.get()}).error, ENOENT);
  EXPECT_EQ(state, "") << "it is overwritten in any case";
  EXPECT_EQ(::getenv(kVariable), nullptr) << "this process has no such variable";
}

TEST(Successor, ASecretIsTakenOnce) {
  auto file = sys::make_secret_file("a secret");
  ASSERT_TRUE(file);
  ::setenv(kVariable, std::to_string(file->release()).c_str(), 1);
  auto text = take_secret_state(kVariable);
  ASSERT_TRUE(text && *text);
  EXPECT_EQ(**text, "a secret");
  EXPECT_EQ(::getenv(kVariable), nullptr);
  text = take_secret_state(kVariable);
  ASSERT_TRUE(text);
  EXPECT_FALSE(*text);
}

TEST(Successor, ADescriptorThatMakesNoSense) {
  for (const char* value : {"", "-1", "0", "2", "x", "3x", "99999999999", "54321"}) {
    ::setenv(kVariable, value, 1);
    EXPECT_FALSE(take_secret_state(kVariable)) << value;
  }
  ::unsetenv(kVariable);
}

TEST(StartTls, WhyAHandshakeFailed) {
  EXPECT_EQ(handshake_error(temporary("TLS: no shared cipher")), "no shared cipher");
  EXPECT_EQ(handshake_error(temporary("connection closed")), "connection closed");
}

}  // namespace
}  // namespace reqmail::tls
