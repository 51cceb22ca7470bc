// All tasks run beside the loop and are returned.
#include "sys/background.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <memory>
#include <set>

namespace reqmail::sys {
namespace {

class Sleep final : public Task {
 public:
  Sleep(int number, unsigned microseconds) : number_(number), microseconds_(microseconds) {}

  void work() override {
    (void)::usleep(microseconds_);
    done_ = true;
  }

  int number_;
  bool done_ = false;

 private:
  unsigned microseconds_;
};

bool wait_for(int fd) {
  pollfd entry{fd, POLLIN, 0};
  return ::poll(&entry, 1, 5000) == 1;
}

TEST(ThreadPool, DoesAllTasksAndWakesTheLoop) {
  auto pool = ThreadPool::make(4);
  ASSERT_TRUE(pool);
  for (int i = 0; i < 100; ++i) {
    (*pool)->submit(std::make_unique<Sleep>(i, 100));
  }
  std::set<int> seen;
  while (seen.size() < 100) {
    ASSERT_TRUE(wait_for((*pool)->fd())) << seen.size();
    for (const auto& task : (*pool)->take_done()) {
      const auto& sleep = static_cast<const Sleep&>(*task);
      EXPECT_TRUE(sleep.done_);
      EXPECT_TRUE(seen.insert(sleep.number_).second);
    }
  }
  EXPECT_TRUE((*pool)->take_done().empty());
}

TEST(ThreadPool, TasksRunAtOnce) {
  auto pool = ThreadPool::make(8);
  ASSERT_TRUE(pool);
  EXPECT_EQ((*pool)->width(), 8U);

  // A task that waits until another one runs at the same time.
  struct Meeting {
    int ends[2] = {-1, -1};
  } meeting;

  ASSERT_EQ(::pipe(meeting.ends), 0);

  class Giver final : public Task {
   public:
    explicit Giver(int fd) : fd_(fd) {}

    void work() override { (void)!::write(fd_, "x", 1); }

   private:
    int fd_;
  };

  class Taker final : public Task {
   public:
    explicit Taker(int fd) : fd_(fd) {}

    void work() override {
      char byte = 0;
      (void)!::read(fd_, &byte, 1);
    }

   private:
    int fd_;
  };

  (*pool)->submit(std::make_unique<Taker>(meeting.ends[0]));
  (*pool)->submit(std::make_unique<Giver>(meeting.ends[1]));
  std::size_t done = 0;
  while (done < 2) {
    ASSERT_TRUE(wait_for((*pool)->fd()));
    done += (*pool)->take_done().size();
  }
  (void)::close(meeting.ends[0]);
  (void)::close(meeting.ends[1]);
}

TEST(ThreadPool, EndsWithTasksUnderWay) {
  auto pool = ThreadPool::make(2);
  ASSERT_TRUE(pool);
  for (int i = 0; i < 10; ++i) {
    (*pool)->submit(std::make_unique<Sleep>(i, 2000));
  }
  pool->reset();
}

}  // namespace
}  // namespace reqmail::sys
