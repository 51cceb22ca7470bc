// The engine with shell scripts as children. It runs in a process of its own, between two
// pipes.
#include "spawn/engine.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/program_end.h"
#include "sys/fd.h"
#include "sys/file.h"
#include "sys/process.h"
#include "sys/stream.h"

namespace reqmail::spawn {
namespace {

using namespace std::string_literals;

// The sender of an order is the script to run. A script that begins with '?' is a look-up,
// after which the recipient's local part is run with the answer as $1. "=N" ends the delivery
// with code N. One that begins with '+' joins others before it is run. If a look-up leads to
// the script "+", somebody else makes the delivery at once.
class Scripts : public Policy {
 public:
  bool joins(const Order& order) override {
    const bool joins = order.sender.front() == '+';
    if (joins) {
      waiting_.push_back(order.slot);
    }
    return joins;
  }

  [[nodiscard]] std::optional<std::chrono::milliseconds> wakes_at() const override {
    return waiting_.empty() ? std::nullopt : std::optional(std::chrono::milliseconds(0));
  }

  std::vector<unsigned> collect(const sys::Poller& /*poller*/) override {
    return std::exchange(waiting_, {});
  }

  Step go_on(const Order& order) override {
    if (order.sender.front() == '+') {
      return shell(order.sender.substr(1), "");
    }
    return Done{{false, 7}, "of somebody else"};
  }

  Step begin(const Order& order) override {
    if (order.sender.front() == '=') {
      return base::ProgramEnd{false, std::stoi(order.sender.substr(1))};
    }
    if (order.sender.front() == '?') {
      Run run = shell(order.sender.substr(1), "");
      run.asks = true;
      return run;
    }
    return shell(order.sender, "");
  }

  Step answered(const Order& order, base::ProgramEnd end, const Output& answer) override {
    if (end.crashed || end.code != 0) {
      return end;
    }
    Run run = shell(std::string(local_part(order)), answer.text);
    if (local_part(order) == "+") {
      run.take_over = [this, slot = order.slot](int, const std::function<void()>&) {
        waiting_.push_back(slot);
        return true;
      };
    }
    return run;
  }

  std::string report(base::ProgramEnd end, const Output& output) override {
    return (end.crashed ? "crash " : "exit ") + std::to_string(end.code) + ":" + output.text +
           (output.cut ? "..." : "");
  }

 private:
  static Run shell(const std::string& script, const std::string& argument) {
    Run run;
    run.child.program = "/bin/sh";
    run.child.arguments = {"sh", "-c", script, argument};
    return run;
  }

  std::vector<unsigned> waiting_;
};

class EngineTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/engine-test-XXXXXX";
    ASSERT_NE(::mkdtemp(name), nullptr);
    directory_ = name;
    auto message = sys::open_truncated(directory_ + "/7", 0644);
    ASSERT_TRUE(message);
    ASSERT_TRUE(sys::write_all(message->get(), "the message\n"));
  }

  void TearDown() override {
    for (const char* name : {"/7", "/8", "/9"}) {
      (void)::unlink((directory_ + name).c_str());
    }
    (void)::rmdir(directory_.c_str());
  }

  static std::string order(unsigned slot, const std::string& script,
                           const std::string& then = "", const std::string& message = "7") {
    return static_cast<char>(slot) + message + '\0' + script + '\0' + then + "@host" + '\0';
  }

  struct Answer {
    int limit = -1;
    // The reports of each slot, in the order in which they came.
    std::map<unsigned, std::vector<std::string>> reports;
    base::ProgramEnd end;
  };

  // Runs the engine with these orders. `descriptors` is the number of descriptors that it may
  // have.
  Answer serve(const std::string& orders, uid_t owner = ::getuid(), rlim_t descriptors = 0) {
    auto in = sys::make_pipe();
    auto out = sys::make_pipe();
    EXPECT_TRUE(in && out);
    const pid_t child = ::fork();
    if (child == 0) {
      (void)::dup2(in->read.get(), 0);
      (void)::dup2(out->write.get(), 1);
      // Whoever runs the tests may have others open.
      sys::close_from(3);
      if (descriptors != 0) {
        const struct rlimit limit = {descriptors, descriptors};
        (void)::setrlimit(RLIMIT_NOFILE, &limit);
      }
      Scripts policy;
      Engine engine({8, owner, directory_ + "/", 100}, policy);
      ::_exit(engine.serve() ? 0 : 1);
    }
    in->read.close();
    out->write.close();
    EXPECT_TRUE(sys::write_all(in->write.get(), orders));
    in->write.close();
    return parse(*sys::read_all(out->read.get(), 1 << 20), *sys::Child(child).wait());
  }

  static Answer parse(std::string_view bytes, base::ProgramEnd end) {
    Answer answer;
    answer.end = end;
    if (!bytes.empty()) {
      answer.limit = static_cast<unsigned char>(bytes.front());
      bytes.remove_prefix(1);
    }
    while (!bytes.empty()) {
      const auto slot = static_cast<unsigned char>(bytes.front());
      const std::size_t stop = bytes.find('\0', 1);
      EXPECT_NE(stop, std::string_view::npos);
      answer.reports[slot].emplace_back(bytes.substr(1, stop - 1));
      bytes.remove_prefix(stop + 1);
    }
    return answer;
  }

  std::string directory_;
};

using Reports = std::vector<std::string>;

TEST_F(EngineTest, OneThatJoinedOthersGetsItsMessageWhenItNeedsIt) {
  const Answer answer = serve(order(0, "+cat") + order(1, "+cat", "", "8"));
  EXPECT_EQ(answer.reports.at(0), std::vector<std::string>{"exit 0:the message\n"});
  EXPECT_EQ(answer.reports.at(1),
            std::vector<std::string>{"Zqmail-spawn unable to open message. (#4.3.0)\n"});
}

TEST_F(EngineTest, NothingToDo) {
  const Answer answer = serve("");
  EXPECT_EQ(answer.limit, 8);
  EXPECT_TRUE(answer.reports.empty());
  EXPECT_TRUE(answer.end.success());
}

TEST_F(EngineTest, ChildrenGetTheMessageAndOneOutput) {
  auto answer = serve(order(1, "cat; echo err >&2; exit 3") + order(2, "kill -9 $$"));
  EXPECT_EQ(answer.reports[1], Reports{"exit 3:the message\nerr\n"});
  EXPECT_EQ(answer.reports[2], Reports{"crash 9:"});
  EXPECT_TRUE(answer.end.success());
}

TEST_F(EngineTest, ChildrenGetNothingElse) {
  const std::string look =
      "for n in 0 1 2 3 4 5 6 7 8 9 10 11 12; do test -e /proc/$$/fd/$n && echo $n; done";
  auto answer = serve(order(2, "sleep 0.2") + order(1, look + "; exit 0"));
  EXPECT_EQ(answer.reports[1], Reports{"exit 0:0\n1\n2\n"});
}

TEST_F(EngineTest, SlotsRunAtOnceAndAreFreeAfterTheirReport) {
  std::string orders;
  for (unsigned slot = 0; slot < 8; ++slot) {
    orders += order(slot, "sleep 0.2; echo " + std::to_string(slot));
  }
  auto answer = serve(orders + order(3, "echo busy") + order(8, "echo big"));
  for (unsigned slot = 0; slot < 8; ++slot) {
    EXPECT_EQ(answer.reports[slot].back(), "exit 0:" + std::to_string(slot) + "\n");
  }
  EXPECT_EQ(answer.reports[3].front(), "ZInternal error: delnum in use. (#4.3.5)\n");
  EXPECT_EQ(answer.reports[3].size(), 2U);
  EXPECT_EQ(answer.reports[8], Reports{"ZInternal error: delnum too big. (#4.3.5)\n"});
}

TEST_F(EngineTest, QuestionsComeFirst) {
  auto answer = serve(order(1, "?printf 'an answer'; echo aside >&2", "cat; echo \"[$0]\"") +
                      order(2, "?echo trouble >&2; exit 9", "echo no") +
                      order(3, "?cat; exit 4", "echo no") + order(4, "=5"));
  EXPECT_EQ(answer.reports[1], Reports{"exit 0:aside\nthe message\n[an answer]\n"});
  EXPECT_EQ(answer.reports[2], Reports{"exit 9:trouble\n"});
  // A look-up does not get the message: its standard input is empty.
  EXPECT_EQ(answer.reports[3], Reports{"exit 4:"});
  EXPECT_EQ(answer.reports[4], Reports{"exit 5:"});
}

TEST_F(EngineTest, SomebodyElseMakesTheDeliveryAfterAQuestion) {
  const auto answer = serve(order(1, "?echo remark >&2; echo answer", "+"));
  EXPECT_EQ(answer.reports.at(1),
            (std::vector<std::string>{"exit 7:remark\nof somebody else"}));
}

TEST_F(EngineTest, OutputIsKeptUpToItsLimit) {
  auto answer = serve(order(1, "head -c 100 /dev/zero | tr '\\0' x") +
                      order(2, "head -c 500000 /dev/zero | tr '\\0' x; exit 1"));
  EXPECT_EQ(answer.reports[1], Reports{"exit 0:" + std::string(100, 'x')});
  EXPECT_EQ(answer.reports[2], Reports{"exit 1:" + std::string(100, 'x') + "..."});
}

TEST_F(EngineTest, WaitsForWhoeverHoldsTheOutput) {
  auto answer = serve(order(1, "(sleep 0.2; echo late) & exit 0") +
                      order(2, "exec >/dev/null 2>&1; sleep 0.2; exit 7"));
  EXPECT_EQ(answer.reports[1], Reports{"exit 0:late\n"});
  EXPECT_EQ(answer.reports[2], Reports{"exit 7:"});
}

TEST_F(EngineTest, AReportEndsAtNul) {
  auto answer = serve(order(1, "printf 'one\\000\\002Kforged'"));
  EXPECT_EQ(answer.reports.size(), 1U);
  EXPECT_EQ(answer.reports[1], Reports{"exit 0:one"});
}

TEST_F(EngineTest, MessagesThatCannotBeHad) {
  ASSERT_EQ(::mkfifo((directory_ + "/8").c_str(), 0644), 0);
  auto answer = serve(order(1, "echo no", "", "1234") + order(2, "echo no", "", "8") +
                      order(3, "echo no", "", "/") + order(4, "echo no", "", "7/"));
  EXPECT_EQ(answer.reports[1], Reports{"Zqmail-spawn unable to open message. (#4.3.0)\n"});
  EXPECT_EQ(answer.reports[2], Reports{"ZSorry, message has wrong type. (#4.3.5)\n"});
  EXPECT_EQ(answer.reports[3], Reports{"DInternal error: messid has nonnumerics. (#5.3.5)\n"});
  EXPECT_EQ(answer.reports[4], Reports{"Zqmail-spawn unable to open message. (#4.3.0)\n"});
}

TEST_F(EngineTest, MessageOfSomebodyElse) {
  auto answer = serve(order(1, "echo no"), ::getuid() + 1);
  EXPECT_EQ(answer.reports[1], Reports{"ZSorry, message has wrong owner. (#4.3.5)\n"});
}

TEST_F(EngineTest, WithoutDescriptorsDeliveriesAreDeferredAndNothingIsLost) {
  // The descriptors are 0, 1, 2, the pipe for signals, and what one delivery needs.
  std::string orders;
  for (unsigned slot = 0; slot < 8; ++slot) {
    orders += order(slot, "sleep 0.1; echo ran");
  }
  auto answer = serve(orders, ::getuid(), 8);
  unsigned ran = 0;
  unsigned deferred = 0;
  for (unsigned slot = 0; slot < 8; ++slot) {
    ASSERT_EQ(answer.reports[slot].size(), 1U) << slot;
    const std::string& text = answer.reports[slot].front();
    ran += text == "exit 0:ran\n" ? 1 : 0;
    deferred += text == "Zqmail-spawn unable to create pipe. (#4.3.0)\n" ||
                        text == "Zqmail-spawn unable to open message. (#4.3.0)\n"
                    ? 1
                    : 0;
  }
  EXPECT_GT(ran, 0U);
  EXPECT_GT(deferred, 0U);
  EXPECT_EQ(ran + deferred, 8U);
  EXPECT_TRUE(answer.end.success());
}

TEST_F(EngineTest, UnfinishedOrderIsNone) {
  auto answer = serve(order(1, "echo ran") + "\2"s + "7\0echo no\0bob@host"s);
  EXPECT_EQ(answer.reports.size(), 1U);
  EXPECT_EQ(answer.reports[1], Reports{"exit 0:ran\n"});
}

TEST_F(EngineTest, DeliveriesGoOnWhenNobodyReads) {
  auto in = sys::make_pipe();
  ASSERT_TRUE(in);
  const std::string mark = directory_ + "/9";
  const pid_t child = ::fork();
  if (child == 0) {
    (void)::dup2(in->read.get(), 0);
    auto out = sys::make_pipe();
    (void)::dup2(out->write.get(), 1);
    out->read.close();
    out->write.close();
    in->write.close();
    Scripts policy;
    Engine engine({8, ::getuid(), directory_ + "/", 100}, policy);
    ::_exit(engine.serve() ? 0 : 1);
  }
  in->read.close();
  ASSERT_TRUE(sys::write_all(in->write.get(), order(1, "echo x") + order(2, "echo >" + mark)));
  in->write.close();
  EXPECT_TRUE(sys::Child(child).wait()->success());
  EXPECT_TRUE(sys::status(mark));
}

}  // namespace
}  // namespace reqmail::spawn
