// The work of qmail-listen as far as it ends without a connection.
#include "smtpd/listener_main.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <string>
#include <vector>

#include "sys/exits.h"
#include "sys/fd.h"
#include "sys/secrets.h"

namespace reqmail::smtpd {
namespace {

int serve(std::vector<std::string> words) {
  words.insert(words.begin(), {"qmail-listen", "-q"});
  std::vector<char*> arguments;
  for (std::string& word : words) {
    arguments.push_back(word.data());
  }
  arguments.push_back(nullptr);
  return serve_as_listener(static_cast<int>(words.size()), arguments.data(), nullptr);
}

// What a program before this one is said to have left.
void leave(const std::string& state) {
  auto file = sys::make_secret_file(state);
  ASSERT_TRUE(file);
  ::setenv("QMAILLISTEN", std::to_string(file->release()).c_str(), 1);
}

TEST(ListenerMain, WrongArguments) {
  EXPECT_EQ(serve({"-u", "x", "0", "25", "program"}), sys::kExitPermanent);
}

TEST(ListenerMain, APortThatIsNone) {
  EXPECT_EQ(serve({"127.0.0.1", "no-such-service", "program"}), sys::kExitTemporary);
}

TEST(ListenerMain, AStateThatMakesNoSense) {
  leave("nonsense");
  EXPECT_EQ(serve({"127.0.0.1", "0", "program"}), sys::kExitTemporary);
  EXPECT_EQ(::getenv("QMAILLISTEN"), nullptr);
  ::setenv("QMAILLISTEN", "x", 1);
  EXPECT_EQ(serve({"127.0.0.1", "0", "program"}), sys::kExitTemporary);
}

TEST(ListenerMain, ASocketThatIsNone) {
  leave("socket 54321\n");
  EXPECT_EQ(serve({"127.0.0.1", "0", "program"}), sys::kExitTemporary);
}

}  // namespace
}  // namespace reqmail::smtpd
