// The number of subdirectories of a queue, counted through a QueueView.
#include "mail/queue_split.h"

#include <gtest/gtest.h>

#include <set>

namespace reqmail::mail {
namespace {

using Names = std::vector<std::string>;

class FakeQueue {
 public:
  explicit FakeQueue(std::set<std::string> directories)
      : directories_(std::move(directories)) {}

  QueueView view() {
    return {[this](const std::string& path) { return directories_.contains(path); },
            [this](const std::string& path) -> Result<Names> {
              ++lists_;
              if (unreadable_) {
                return temporary("unreadable", 13);
              }
              Names names = {"x", "7", "01", "."};
              for (const std::string& directory : directories_) {
                names.push_back(directory.substr(path.size() + 1));
              }
              return names;
            }};
  }

  int lists_ = 0;
  bool unreadable_ = false;

 private:
  std::set<std::string> directories_;
};

std::set<std::string> numbered(unsigned count) {
  std::set<std::string> names;
  for (unsigned index = 0; index < count; ++index) {
    names.insert("mess/" + std::to_string(index));
  }
  return names;
}

TEST(CountSplit, TheExpectedOneIsNotListed) {
  FakeQueue queue(numbered(23));
  EXPECT_EQ(*count_split(queue.view(), 23), 23U);
  EXPECT_EQ(queue.lists_, 0);
}

TEST(CountSplit, AnotherOneIsCounted) {
  for (const unsigned split : {1U, 22U, 24U, 211U}) {
    FakeQueue queue(numbered(split));
    EXPECT_EQ(*count_split(queue.view(), 23), split);
    EXPECT_EQ(queue.lists_, 1);
  }
}

TEST(CountSplit, WhatIsNoNumberedDirectoryDoesNotCount) {
  FakeQueue none({"mess/x"});
  EXPECT_EQ(*count_split(none.view(), 23), 0U) << "7 is in the list, but is no directory";
  FakeQueue hole({"mess/0", "mess/30"});
  EXPECT_EQ(*count_split(hole.view(), 23), 31U);
}

TEST(CountSplit, AnUnreadableQueueIsAFailure) {
  FakeQueue queue(numbered(5));
  queue.unreadable_ = true;
  EXPECT_EQ(count_split(queue.view(), 23).error().error, 13);
}

}  // namespace
}  // namespace reqmail::mail
