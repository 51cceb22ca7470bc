// Files, directories, locks, descriptors.
#include "sys/file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdlib>

#include "compat/filter_parts.h"
#include "compat/no_new_privs.h"
#include "sys/directory.h"
#include "sys/fd.h"
#include "sys/lock.h"
#include "sys/opened_file.h"
#include "sys/process.h"
#include "sys/stream.h"
#include "tests/unit/support/call_filters.h"

namespace reqmail::sys {
namespace {

class File : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_NE(::mkdtemp(place_.data()), nullptr);
    ASSERT_TRUE(change_directory(place_));
    ::umask(022);
  }

  void TearDown() override {
    (void)change_directory("/");
    (void)!std::system(("rm -rf " + place_).c_str());
  }

  static mode_t mode_of(const std::string& path) { return status(path)->st_mode & 07777; }

  std::string place_ = "/tmp/file-test.XXXXXX";
};

TEST_F(File, RenamedToANewNameOnly) {
  ASSERT_TRUE(replace_file("one", "1", 0600));
  ASSERT_TRUE(replace_file("two", "2", 0600));
  EXPECT_EQ(rename_to_new("one", "two").error().error, EEXIST);
  EXPECT_EQ(*read_file("one", 10), "1");
  EXPECT_EQ(*read_file("two", 10), "2");
  EXPECT_TRUE(rename_to_new("one", "three"));
  EXPECT_EQ(*read_file("three", 10), "1");
  EXPECT_EQ(status("one").error().error, ENOENT);
  EXPECT_EQ(rename_to_new("one", "four").error().error, ENOENT);
  EXPECT_EQ(rename_to_new("three", "none/three").error().error, ENOENT);
}

// From now on this process has no renameat2(2), as on an old kernel.
bool forget_renameat2() {
  using namespace compat;  // NOLINT(google-build-using-namespace)
  forbid_new_privileges();
  return install_filter(std::array{
      filter_load(offsetof(seccomp_data, nr)),
      filter_jump(BPF_JEQ, 1, __NR_renameat2, 3),
      filter_end(SECCOMP_RET_ALLOW),
      filter_end(SECCOMP_RET_ERRNO | ENOSYS),
  });
}

TEST_F(File, RenamedToANewNameWithoutTheCall) {
  if (!tests::has_call_filters()) {
    GTEST_SKIP() << "no seccomp";
  }
  ASSERT_TRUE(replace_file("one", "1", 0600));
  ASSERT_TRUE(replace_file("two", "2", 0600));
  const pid_t child = ::fork();
  if (child == 0) {
    ::_exit(forget_renameat2() && rename_to_new("one", "two").error().error == EEXIST &&
                    rename_to_new("one", "three")
                ? 0
                : 1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  EXPECT_EQ(*read_file("two", 10), "2");
  EXPECT_EQ(*read_file("three", 10), "1");
  EXPECT_EQ(sys::status("one").error().error, ENOENT);
}

TEST_F(File, CreatedOnce) {
  auto file = create_exclusive("x", 0644);
  ASSERT_TRUE(file);
  EXPECT_EQ(mode_of("x"), 0644U);
  EXPECT_EQ(create_exclusive("x", 0644).error().error, EEXIST);
  ASSERT_EQ(::symlink("elsewhere", "link"), 0);
  EXPECT_EQ(create_exclusive("link", 0644).error().error, EEXIST) << "a link is not followed";
}

TEST_F(File, OpensAreCloseOnExec) {
  ASSERT_TRUE(create_exclusive("x", 0600));
  for (auto* open : {open_read, open_write, open_read_write, open_read_nonblocking,
                     open_write_nonblocking}) {
    auto file = open("x");
    ASSERT_TRUE(file);
    EXPECT_NE(::fcntl(file->get(), F_GETFD) & FD_CLOEXEC, 0);
  }
  auto appended = open_append("x", 0600);
  auto truncated = open_truncated("x", 0600);
  auto directory = open_directory(".");
  auto pipe = make_pipe();
  auto copy = duplicate(appended->get());
  for (const int fd : {appended->get(), truncated->get(), directory->get(), pipe->read.get(),
                       pipe->write.get(), copy->get()}) {
    EXPECT_NE(::fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
  }
}

TEST_F(File, AppendAndTruncate) {
  ASSERT_TRUE(write_all(open_append("x", 0600)->get(), "one\n"));
  ASSERT_TRUE(write_all(open_append("x", 0600)->get(), "two\n"));
  EXPECT_EQ(*read_file("x", 100), "one\ntwo\n");
  ASSERT_TRUE(open_truncated("x", 0600));
  EXPECT_EQ(*read_file("x", 100), "");
}

TEST_F(File, ReadFileHasALimit) {
  ASSERT_TRUE(write_all(create_exclusive("x", 0600)->get(), "12345"));
  EXPECT_EQ(*read_file("x", 5), "12345");
  EXPECT_EQ(read_file("x", 4).error().error, EMSGSIZE);
  EXPECT_EQ(read_file("none", 4).error().error, ENOENT);
  EXPECT_EQ(read_file(".", 4).error().error, EISDIR);
}

TEST_F(File, FifoDoesNotBlock) {
  ASSERT_EQ(::mkfifo("fifo", 0600), 0);
  EXPECT_EQ(open_write_nonblocking("fifo").error().error, ENXIO);
  EXPECT_EQ(open_append_nonblocking("fifo", 0600).error().error, ENXIO);
  EXPECT_TRUE(open_read_nonblocking("fifo"));
  for (auto* open :
       {open_regular_read, open_regular_write, open_regular_append, open_regular_read_write}) {
    EXPECT_EQ(open("fifo").error().error, ENXIO);
    EXPECT_EQ(open("/dev/zero").error().error, ENXIO);
  }
  EXPECT_EQ(open_regular_with_status("fifo").error().error, ENXIO);
  EXPECT_EQ(read_regular_file("fifo", 10).error().error, ENXIO);
  EXPECT_EQ(read_regular_file("/dev/null", 10).value_or("x"), "");
  EXPECT_EQ(read_regular_file(".", 10).error().error, EISDIR);
}

TEST_F(File, OpenedWithItsStatus) {
  ASSERT_TRUE(write_all(create_exclusive("x", 0600)->get(), "12345"));
  const auto opened = open_regular_with_status("x");
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->status.st_size, 5);
  EXPECT_EQ(open_regular_with_status("none").error().error, ENOENT);
  EXPECT_TRUE(regular_status(opened->fd.get(), false));
  const auto directory = open_directory(".");
  EXPECT_TRUE(regular_status(directory->get(), true));
  EXPECT_EQ(regular_status(directory->get(), false).error().error, ENXIO);
}

TEST_F(File, ReplacedWhole) {
  ASSERT_TRUE(replace_file("x", "old", 0600));
  ASSERT_TRUE(replace_file("x", "new", 0644));
  EXPECT_EQ(*read_file("x", 100), "new");
  EXPECT_EQ(mode_of("x"), 0644U);
  EXPECT_EQ(list_directory(".")->size(), 1U) << "no temporary file is left";
  EXPECT_FALSE(replace_file("none/x", "y", 0600));
}

TEST_F(File, SyncsOrSaysWhy) {
  auto file = create_exclusive("x", 0600);
  EXPECT_TRUE(sync(file->get()));
  EXPECT_TRUE(sync_directory("."));
  EXPECT_EQ(sync_directory("none").error().error, ENOENT);
  auto pipe = make_pipe();
  EXPECT_EQ(sync(pipe->read.get()).error().error, EINVAL);
  EXPECT_EQ(sync(-1).error().error, EBADF);
}

TEST_F(File, DirectoryPart) {
  EXPECT_EQ(directory_of("a/b/c"), "a/b");
  EXPECT_EQ(directory_of("c"), ".");
}

TEST_F(File, NamesOfADirectory) {
  for (const char* name : {"b", "a", ".c"}) {
    ASSERT_TRUE(create_exclusive(name, 0600));
  }
  auto names = list_directory(".");
  ASSERT_TRUE(names);
  std::sort(names->begin(), names->end());
  EXPECT_EQ(*names, (std::vector<std::string>{".c", "a", "b"}));
  EXPECT_EQ(list_directory("none").error().error, ENOENT);
  EXPECT_EQ(Directory::open("a").error().error, ENOTDIR);
}

TEST_F(File, LocksExcludeOtherOpens) {
  auto first = open_append("lock", 0600);
  auto second = open_append("lock", 0600);
  ASSERT_TRUE(try_lock_exclusive(first->get()));
  EXPECT_EQ(try_lock_exclusive(second->get()).error().error, EWOULDBLOCK);
  first->close();
  EXPECT_TRUE(lock_exclusive(second->get()));
}

TEST_F(File, OwnedDescriptorIsClosedOnce) {
  auto file = create_exclusive("x", 0600);
  const int number = file->get();
  Fd moved = std::move(*file);
  EXPECT_FALSE(file->valid());
  EXPECT_EQ(moved.get(), number);
  moved = Fd();
  EXPECT_EQ(::fcntl(number, F_GETFD), -1);
  EXPECT_EQ(errno, EBADF);
  Fd kept(::dup(2));
  const int released = kept.release();
  EXPECT_FALSE(kept.valid());
  EXPECT_EQ(::close(released), 0);
}

}  // namespace
}  // namespace reqmail::sys
