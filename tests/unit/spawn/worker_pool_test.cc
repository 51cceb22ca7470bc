// When a user gets a worker, and what comes of its orders. As root the workers are real; any
// other user cannot become who they are, so that they die at once.
#include "spawn/worker_pool.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "sys/file.h"
#include "tests/unit/support/temporary_home.h"

namespace reqmail::spawn {
namespace {

using testing::names_in;
using testing::put_file;

class WorkerPoolTest : public ::testing::Test {
 protected:
  void SetUp() override {
    put_file("message", "a: b\n\n");
    put_file("accounts", "");
    for (const char* name : {"M", "M/tmp", "M/new", "M/cur"}) {
      ASSERT_EQ(::mkdir(name, 0700), 0);
    }
  }

  WorkerPool pool(const std::string& instructions) {
    return WorkerPool({.home = home_.path(),
                       .program = "qmail-local",
                       .default_instructions = instructions,
                       .accounts = {home_.path() + "/accounts"}});
  }

  bool give(WorkerPool& pool, unsigned slot, const std::string& home = "") {
    local::Request request;
    request.user = "joe";
    request.home = home.empty() ? home_.path() : home;
    request.local = "joe";
    request.host = "h";
    const auto message = sys::open_read(home_.path() + "/message");
    EXPECT_TRUE(message);
    return pool.give(slot, request, {::getuid(), ::getgid()}, message->get(), [] {});
  }

  static std::vector<WorkerPool::Outcome> outcomes(WorkerPool& pool) {
    sys::Poller poller;
    for (int tries = 0; tries < 1000; ++tries) {
      poller.clear();
      pool.watch(poller);
      EXPECT_TRUE(poller.wait(std::chrono::milliseconds(100)));
      if (auto found = pool.collect(poller); !found.empty()) {
        return found;
      }
    }
    return {};
  }

  const testing::TemporaryHome home_;
};

TEST_F(WorkerPoolTest, TheSecondDeliveryInASecondGetsAWorker) {
  WorkerPool it = pool("./M/\n");
  EXPECT_FALSE(give(it, 1));
  EXPECT_FALSE(give(it, 2, "/another/home"));
  ASSERT_TRUE(give(it, 3));
  const auto found = outcomes(it);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].slot, 3U);
  ASSERT_EQ(found[0].result.has_value(), ::getuid() == 0);
  if (found[0].result) {
    EXPECT_EQ(found[0].result->kind, WorkerResult::Kind::done);
    EXPECT_EQ(found[0].result->output, "did 1+0+0\n");
    EXPECT_EQ(names_in("M/new").size(), 1U);
  }
}

TEST_F(WorkerPoolTest, WhoHasDeclinedIsNotAskedAgainForAWhile) {
  if (::getuid() != 0) {
    GTEST_SKIP() << "needs root";
  }
  WorkerPool it = pool("./Mailbox\n");
  EXPECT_FALSE(give(it, 1));
  ASSERT_TRUE(give(it, 2));
  const auto found = outcomes(it);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].result->kind, WorkerResult::Kind::declined);
  EXPECT_FALSE(give(it, 3));
  EXPECT_FALSE(give(it, 4));
}

}  // namespace
}  // namespace reqmail::spawn
