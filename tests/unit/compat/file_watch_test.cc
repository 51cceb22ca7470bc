// What a file that is watched, and a link to it, do to the watch.
#include "compat/file_watch.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <functional>
#include <string>

namespace reqmail::compat {
namespace {

class FileWatch : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_NE(::mkdtemp(place_), nullptr);
    write(file(), "one\n");
    write(other(), "two\n");
    ASSERT_EQ(::symlink("file", link().c_str()), 0);
    ASSERT_EQ(::symlink(link().c_str(), outer().c_str()), 0);
  }

  void TearDown() override {
    for (const auto& path : {file(), other(), link(), outer()}) {
      (void)::unlink(path.c_str());
    }
    EXPECT_EQ(::rmdir(place_), 0);
  }

  [[nodiscard]] std::string file() const { return std::string(place_) + "/file"; }

  [[nodiscard]] std::string other() const { return std::string(place_) + "/other"; }

  // Leads to the file by a relative path, and `outer` to it by an absolute one.
  [[nodiscard]] std::string link() const { return std::string(place_) + "/link"; }

  [[nodiscard]] std::string outer() const { return std::string(place_) + "/outer"; }

  static void write(const std::string& path, const char* text) { std::ofstream(path) << text; }

  // Returns whether `change` is noticed by one who watches `path`, and nothing before.
  static bool notices(const std::string& path, const std::function<void()>& change) {
    const int watch = make_watch();
    EXPECT_TRUE(watch_file(watch, path));
    pollfd changed{watch, POLLIN, 0};
    EXPECT_EQ(::poll(&changed, 1, 0), 0);
    change();
    const bool noticed = ::poll(&changed, 1, 0) == 1;
    (void)::close(watch);
    return noticed;
  }

 private:
  char place_[32] = "/tmp/reqmail-watch-XXXXXX";
};

TEST_F(FileWatch, NoticesEveryChangeOfTheFile) {
  if (make_watch() < 0) {
    GTEST_SKIP() << "this system has no such watch";
  }
  for (const auto& path : {file(), link(), outer()}) {
    EXPECT_FALSE(notices(path, [&] { std::ifstream(file()).get(); }));
    EXPECT_FALSE(notices(path, [&] { write(other(), "another\n"); }));
    EXPECT_TRUE(notices(path, [&] { write(file(), "in its place\n"); }));
    EXPECT_TRUE(notices(path, [&] { (void)::truncate(file().c_str(), 0); }));
    EXPECT_TRUE(notices(path, [&] {
      write(other(), "instead of it\n");
      (void)::rename(other().c_str(), file().c_str());
    }));
    EXPECT_TRUE(notices(path, [&] { (void)::unlink(file().c_str()); }));
    write(file(), "again\n");
  }
}

TEST_F(FileWatch, NoticesAnotherLink) {
  if (make_watch() < 0) {
    GTEST_SKIP() << "this system has no such watch";
  }
  for (const auto& path : {link(), outer()}) {
    EXPECT_TRUE(notices(outer(), [&] {
      ASSERT_EQ(::symlink("other", (path + ".new").c_str()), 0);
      ASSERT_EQ(::rename((path + ".new").c_str(), path.c_str()), 0);
    }));
  }
}

TEST_F(FileWatch, NoticesAFileThatIsMade) {
  if (make_watch() < 0) {
    GTEST_SKIP() << "this system has no such watch";
  }
  for (const auto& path : {file(), outer()}) {
    ASSERT_EQ(::unlink(file().c_str()), 0);
    EXPECT_TRUE(notices(path, [&] { write(file(), "made\n"); }));
    ASSERT_EQ(::unlink(file().c_str()), 0);
    EXPECT_TRUE(notices(path, [&] {
      write(other(), "moved\n");
      ASSERT_EQ(::rename(other().c_str(), file().c_str()), 0);
    }));
  }
}

TEST_F(FileWatch, OnlyWhereAFileCanBe) {
  const int watch = make_watch();
  EXPECT_FALSE(watch_file(watch, "/nonexistent/file"));
  ASSERT_EQ(::unlink(file().c_str()), 0);
  ASSERT_EQ(::symlink("link", file().c_str()), 0);
  EXPECT_FALSE(watch_file(watch, file())) << "a loop";
  (void)::close(watch);
}

}  // namespace
}  // namespace reqmail::compat
