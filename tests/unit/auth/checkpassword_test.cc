#include "auth/checkpassword.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <sstream>
#include <string>

namespace reqmail::auth {
namespace {

using Verdict = mail::LoginVerdict;

class Checker : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/reqmail-auth.XXXXXX";
    ASSERT_NE(::mkdtemp(name), nullptr);
    directory_ = name;
  }

  void TearDown() override { (void)!::system(("rm -rf " + directory_).c_str()); }

  Verdict run(const std::string& script, const Login& login = {"joe", "secret", ""},
              base::Seconds limit = base::Seconds(10)) {
    const std::string path = directory_ + "/checker";
    std::ofstream(path) << "#!/bin/sh\ncd " << directory_ << "\n" << script << "\n";
    ::chmod(path.c_str(), 0755);
    return check_password({path, "one", "two words"}, login, limit);
  }

  std::string file(const std::string& name) {
    std::ifstream stream(directory_ + "/" + name);
    std::stringstream text;
    text << stream.rdbuf();
    return text.str();
  }

  std::string directory_;
};

TEST_F(Checker, ExitCodes) {
  EXPECT_EQ(run("exit 0"), Verdict::accepted);
  for (const char* code : {"1", "2", "3", "100", "110", "112", "255"}) {
    EXPECT_EQ(run(std::string("exit ") + code), Verdict::refused) << code;
  }
  EXPECT_EQ(run("exit 111"), Verdict::trouble);
  EXPECT_EQ(run("kill -9 $$"), Verdict::trouble);
}

TEST_F(Checker, GetsTheLoginOnDescriptorThree) {
  EXPECT_EQ(run("cat <&3 >seen; echo \"$@\" >arguments"), Verdict::accepted);
  EXPECT_EQ(file("seen"), std::string("joe\0secret\0", 11));
  EXPECT_EQ(file("arguments"), "one two words\n");
  EXPECT_EQ(run("cat <&3 >seen", {"joe", "digest", "<a@b>"}), Verdict::accepted);
  EXPECT_EQ(file("seen"), std::string("joe\0digest\0<a@b>\0", 17));
}

TEST_F(Checker, HasNoConnectionAndNothingElseOpen) {
  // A listener may have left this descriptor open, without close-on-exec.
  ASSERT_EQ(::dup2(2, 7), 7);
  EXPECT_EQ(run("readlink /proc/self/fd/0 >seen; ls /proc/$$/fd >open; cat; echo noise"),
            Verdict::accepted);
  ::close(7);
  EXPECT_EQ(file("seen"), "/dev/null\n");
  // The shell itself uses descriptors from 10 on.
  const std::string open = "\n" + file("open");
  EXPECT_NE(open.find("\n3\n"), std::string::npos);
  for (const char* number : {"\n4\n", "\n5\n", "\n6\n", "\n7\n", "\n8\n", "\n9\n"}) {
    EXPECT_EQ(open.find(number), std::string::npos) << open;
  }
}

TEST_F(Checker, OneThatDoesNotReadMayAnswer) {
  EXPECT_EQ(run("exec 3<&-; exit 0", {std::string(9000, 'u'), "x", ""}), Verdict::accepted);
}

TEST_F(Checker, IsKilledWhenItTakesTooLong) {
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(run("exec sleep 30", {"joe", "x", ""}, base::Seconds(1)), Verdict::trouble);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

TEST_F(Checker, AnAnswerIsNotWaitedForLongerThanItTakes) {
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(run("sleep 0.2; exit 1"), Verdict::refused);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(900));
}

TEST_F(Checker, ThatCannotBeRun) {
  EXPECT_EQ(check_password({"/nonexistent/checker"}, {"joe", "x", ""}, base::Seconds(5)),
            Verdict::trouble);
}

}  // namespace
}  // namespace reqmail::auth
