// The queue on a real file system: its files, the lock of qmail-send, the trigger.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <vector>

#include "mail/queue_names.h"
#include "queue/mutex.h"
#include "queue/posix_files.h"
#include "queue/trigger.h"
#include "queue/writer.h"
#include "tests/unit/support/temporary_home.h"

namespace reqmail::queue {
namespace {

using testing::content_of;
using testing::names_in;
using testing::put_file;
using testing::TemporaryHome;

TEST(PosixFiles, CreateTakesNoNameThatIsThere) {
  const TemporaryHome home;
  PosixFiles files;
  auto file = files.create("a", 0644);
  ASSERT_TRUE(file);
  EXPECT_TRUE((*file)->write("one"));
  EXPECT_TRUE((*file)->write_at(1, "NE"));
  (*file)->begin_writeback();
  EXPECT_TRUE((*file)->sync());
  EXPECT_EQ(content_of("a"), "oNE");
  EXPECT_EQ((*file)->status()->size, 3U);
  EXPECT_EQ(files.create("a", 0644).error().error, EEXIST);
}

TEST(PosixFiles, OpensWhatIsThere) {
  const TemporaryHome home;
  PosixFiles files;
  EXPECT_EQ(files.open_append("a").error().error, ENOENT);
  EXPECT_EQ(files.open_write("a").error().error, ENOENT);
  EXPECT_EQ(files.open_read("a").error().error, ENOENT);
  put_file("a", "text");
  EXPECT_TRUE((*files.open_append("a"))->write("+"));
  EXPECT_TRUE((*files.open_write("a"))->write_at(0, "T"));
  char buffer[10] = {};
  EXPECT_EQ(*(*files.open_read("a"))->read(buffer, sizeof buffer), 5U);
  EXPECT_EQ(std::string(buffer), "Text+");
}

TEST(PosixFiles, NeverWaitForWhatIsNoFile) {
  const TemporaryHome home;
  ASSERT_EQ(::mkfifo("fifo", 0600), 0);
  PosixFiles files;
  EXPECT_EQ(files.open_append("fifo").error().error, ENXIO);
  EXPECT_EQ(files.open_write("fifo").error().error, ENXIO);
  EXPECT_EQ(files.open_read("fifo").error().error, ENXIO);
}

TEST(PosixFiles, AFileThatIsReadHasTheStatusOfItsOpening) {
  const TemporaryHome home;
  PosixFiles files;
  put_file("a", "text");
  const auto file = files.open_read("a");
  ASSERT_TRUE(file);
  const auto written = files.open_write("a");
  ASSERT_TRUE(written && (*written)->write_at(4, " and more"));
  EXPECT_EQ((*file)->status()->size, 4U);
  EXPECT_EQ((*written)->status()->size, 13U);
  EXPECT_EQ(*read_all(**file), "text and more");
}

TEST(PosixFiles, NamesAndTimes) {
  const TemporaryHome home;
  PosixFiles files;
  put_file("a", "text");
  EXPECT_TRUE(files.link("a", "b"));
  EXPECT_EQ(files.link("a", "b").error().error, EEXIST);
  EXPECT_EQ(files.status("a")->inode, files.status("b")->inode);
  EXPECT_EQ(files.rename("a", "b").error().error, EEXIST);
  EXPECT_TRUE(files.rename("a", "c"));
  EXPECT_EQ(files.status("c")->inode, files.status("b")->inode);
  EXPECT_EQ(files.rename("a", "d").error().error, ENOENT);
  EXPECT_TRUE(files.rename("c", "a"));
  EXPECT_TRUE(files.sync_directory("."));
  EXPECT_TRUE(files.unlink("a"));
  EXPECT_EQ(files.unlink("a").error().error, ENOENT);
  EXPECT_EQ(*files.list("."), std::vector<std::string>{"b"});
  EXPECT_TRUE(files.set_times("b", base::from_epoch(1000)));
  const auto status = files.status("b");
  ASSERT_TRUE(status);
  EXPECT_EQ(status->modified, base::from_epoch(1000));
  EXPECT_EQ(status->accessed, base::from_epoch(1000));
  EXPECT_EQ(status->owner, ::getuid());
  EXPECT_TRUE(status->regular);
  EXPECT_TRUE(files.status(".")->directory);
}

TEST(PosixFiles, ADirectoryIsHeldWhateverItsName) {
  const TemporaryHome home;
  ASSERT_EQ(::mkdir("a", 0700), 0);
  put_file("a/145", "text");
  PosixFiles files;
  const auto directory = files.open_directory("a");
  ASSERT_TRUE(directory);
  ASSERT_EQ(::rename("a", "b"), 0);
  EXPECT_EQ((*directory)->status("145")->size, 4U);
  EXPECT_EQ((*directory)->status("146").error().error, ENOENT);
  EXPECT_EQ(files.open_directory("a").error().error, ENOENT);
}

TEST(PosixFiles, ADirectoryThatIsKeptIsSyncedWithoutItsName) {
  const TemporaryHome home;
  ASSERT_EQ(::mkdir("a", 0700), 0);
  PosixFiles files;
  files.keep_open("a");
  files.keep_open("none");
  ASSERT_EQ(::rename("a", "b"), 0);
  EXPECT_TRUE(files.sync_directory("a"));
  EXPECT_EQ(PosixFiles().sync_directory("a").error().error, ENOENT);
  EXPECT_EQ(files.sync_directory("none").error().error, ENOENT);
}

TEST(Writer, PutsAMessageIntoADirectory) {
  const TemporaryHome home;
  for (const char* directory : {"pid", "mess", "mess/0", "intd", "todo"}) {
    ASSERT_EQ(::mkdir(directory, 0700), 0);
  }
  PosixFiles files;
  {
    Writer left(files, mail::QueueLayout(1));
    ASSERT_EQ(left.create(7, base::from_epoch(1000)), 0);
    ASSERT_EQ(left.write_message("x"), 0);
    ASSERT_EQ(left.start_envelope(), 0);
  }
  EXPECT_TRUE(names_in("pid").empty() && names_in("mess/0").empty() &&
              names_in("intd").empty());
  Writer writer(files, mail::QueueLayout(1));
  ASSERT_EQ(writer.create(7, base::from_epoch(1000)), 0);
  ASSERT_EQ(writer.write_message("a: b\n"), 0);
  ASSERT_EQ(writer.start_envelope(), 0);
  ASSERT_EQ(writer.write_envelope("Fs@a"), 0);
  ASSERT_EQ(writer.sync_contents(), 0);
  ASSERT_EQ(writer.commit(), 0);
  const auto names = names_in("mess/0");
  ASSERT_EQ(names.size(), 1U);
  EXPECT_EQ(content_of("mess/0/" + names[0]), "a: b\n");
  EXPECT_EQ(content_of("todo/" + names[0]), "Fs@a");
  EXPECT_EQ(std::to_string(files.status("mess/0/" + names[0])->inode), names[0]);
  EXPECT_TRUE(names_in("pid").empty());
}

TEST(SendMutex, IsForOne) {
  const TemporaryHome home;
  ASSERT_EQ(::mkdir("lock", 0700), 0);
  EXPECT_EQ(take_send_mutex().error().error, ENOENT);
  put_file("lock/sendmutex", "");
  {
    const auto mine = take_send_mutex();
    ASSERT_TRUE(mine);
    EXPECT_EQ(take_send_mutex().error().error, EWOULDBLOCK);
  }
  EXPECT_TRUE(take_send_mutex());
}

bool readable(int fd) {
  char byte = 0;
  return ::read(fd, &byte, 1) == 1;
}

class TriggerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(::mkdir("lock", 0700), 0);
    make_fifo();
  }

  static void make_fifo() {
    ASSERT_EQ(::mkfifo("lock/trigger", 0622), 0);
    ASSERT_EQ(::chmod("lock/trigger", 0622), 0);
  }

  TemporaryHome home_;
  Trigger trigger_;
};

TEST_F(TriggerTest, PulledByAnybody) {
  ASSERT_TRUE(trigger_.arm());
  EXPECT_FALSE(readable(trigger_.fd()));
  pull_trigger();
  EXPECT_TRUE(readable(trigger_.fd()));
  EXPECT_FALSE(readable(trigger_.fd()));
  pull_trigger();
  pull_trigger();
  trigger_.read_empty();
  EXPECT_FALSE(readable(trigger_.fd()));
  pull_trigger();
  ASSERT_TRUE(trigger_.arm());
  EXPECT_FALSE(readable(trigger_.fd()));
}

TEST_F(TriggerTest, NobodyIsThere) {
  pull_trigger();
  ASSERT_EQ(::unlink("lock/trigger"), 0);
  pull_trigger();
  EXPECT_FALSE(trigger_.arm());
  EXPECT_EQ(trigger_.fd(), -1);
}

TEST_F(TriggerTest, OutdatedByAnotherFileOrMode) {
  ASSERT_TRUE(trigger_.arm());
  EXPECT_FALSE(trigger_.outdated());
  ASSERT_EQ(::chmod("lock/trigger", 0600), 0);
  EXPECT_TRUE(trigger_.outdated());
  // qmail-queue could not write to such a file.
  EXPECT_FALSE(trigger_.arm());
  ASSERT_EQ(::unlink("lock/trigger"), 0);
  make_fifo();
  ASSERT_TRUE(trigger_.arm());
  ASSERT_EQ(::rename("lock/trigger", "lock/old"), 0);
  EXPECT_TRUE(trigger_.outdated());
  make_fifo();
  EXPECT_TRUE(trigger_.outdated());
}

}  // namespace
}  // namespace reqmail::queue
