// Deliveries to mbox files and maildirs on a real file system.

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <string>

#include "local/maildir_writer.h"
#include "local/mbox_writer.h"
#include "local/trace_lines.h"
#include "sys/clock.h"
#include "sys/file.h"
#include "sys/lock.h"
#include "tests/unit/local/support.h"

namespace reqmail::local {
namespace {

const TraceLines kTrace{"From s D\n", "Return-Path: <s>\n", "Delivered-To: r\n"};
constexpr char kHead[] = "From s D\nReturn-Path: <s>\nDelivered-To: r\n";

Result<void> to_mbox(const std::string& path, const std::string& content) {
  const sys::Fd file = message_with(content);
  MessageFile message(file.get());
  return deliver_to_mbox(path, kTrace, message);
}

Result<void> to_maildir(const std::string& path, const std::string& content,
                        unsigned sequence = 1) {
  const sys::Fd file = message_with(content);
  MessageFile message(file.get());
  return deliver_to_maildir(path, sequence, kTrace, message);
}

std::string failure_text(const Result<void>& result) {
  return result ? "success" : result.error().text;
}

// Makes writes beyond `bytes` fail for as long as it exists.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    (void)::getrlimit(RLIMIT_FSIZE, &old_);
    const rlimit limit{bytes, old_.rlim_max};
    (void)std::signal(SIGXFSZ, SIG_IGN);
    (void)::setrlimit(RLIMIT_FSIZE, &limit);
  }

  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

  ~FileSizeLimit() { (void)::setrlimit(RLIMIT_FSIZE, &old_); }

 private:
  rlimit old_ = {};
};

TEST(Mbox, AppendsQuoted) {
  const TemporaryHome home;
  EXPECT_TRUE(to_mbox("./box", "a: b\n\nFrom x\nlast"));
  EXPECT_TRUE(to_mbox("./box", "second\n"));
  EXPECT_EQ(content_of("box"),
            std::string(kHead) + "a: b\n\n>From x\nlast\n\n" + kHead + "second\n\n");
  EXPECT_EQ(sys::status("box")->st_mode & 0777, 0600U);
}

TEST(Mbox, LargeMessagesWhole) {
  const TemporaryHome home;
  std::string message;
  std::string expected = kHead;
  for (int line = 0; line < 40000; ++line) {
    message += "From line\n";
    expected += ">From line\n";
  }
  EXPECT_TRUE(to_mbox("./box", message));
  EXPECT_EQ(content_of("box"), expected + "\n");
}

TEST(Mbox, GetsItsOldLengthBack) {
  const TemporaryHome home;
  put_file("box", "before\n");
  const sys::Fd file = message_with(std::string(300000, 'x'));
  MessageFile message(file.get());
  {
    const FileSizeLimit limit(100000);
    EXPECT_EQ(failure_text(deliver_to_mbox("./box", kTrace, message)),
              "Unable to write ./box: file too big. (#4.3.0)");
  }
  EXPECT_EQ(content_of("box"), "before\n");
}

TEST(Mbox, CannotBeOpened) {
  const TemporaryHome home;
  ASSERT_EQ(::mkfifo("fifo", 0600), 0);
  put_file("file", "");
  EXPECT_EQ(failure_text(to_mbox("./no/box", "x")),
            "Unable to open ./no/box: file does not exist. (#4.2.1)");
  EXPECT_EQ(failure_text(to_mbox("./file/box", "x")),
            "Unable to open ./file/box: not a directory. (#4.2.1)");
  EXPECT_EQ(failure_text(to_mbox(".", "x")), "Unable to open .: is a directory. (#4.2.1)");
  EXPECT_EQ(failure_text(to_mbox("./fifo", "x")),
            "Unable to open ./fifo: device not configured. (#4.2.1)");
}

TEST(Mbox, DevicesDefer) {
  const TemporaryHome home;
  EXPECT_EQ(failure_text(to_mbox("/dev/full", "x")),
            "Unable to write /dev/full: out of disk space. (#4.3.0)");
  EXPECT_EQ(failure_text(to_mbox("/dev/null", "x")),
            "Unable to write /dev/null: invalid argument. (#4.3.0)");
}

TEST(Mbox, NewFileBehindALink) {
  const TemporaryHome home;
  ASSERT_EQ(::mkdir("elsewhere", 0700), 0);
  ASSERT_EQ(::symlink("elsewhere/box", "link"), 0);
  EXPECT_TRUE(to_mbox("./link", "x\n"));
  EXPECT_EQ(content_of("elsewhere/box"), std::string(kHead) + "x\n\n");
}

TEST(Mbox, ReplacedWhileItWaitsForTheLock) {
  const TemporaryHome home;
  put_file("box", "old\n");
  int ready[2] = {-1, -1};
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto file = sys::open_append("box", 0600);
    const bool locked = file && sys::lock_exclusive(file->get());
    (void)!::write(ready[1], locked ? "x" : "", 1);
    (void)::usleep(200000);
    put_file("other", "new\n");
    ::_exit(::rename("other", "box"));
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  EXPECT_TRUE(to_mbox("./box", "x\n"));
  (void)::waitpid(child, nullptr, 0);
  EXPECT_EQ(content_of("box"), std::string("new\n") + kHead + "x\n\n");
}

TEST(Mbox, WaitsForTheLock) {
  const TemporaryHome home;
  put_file("box", "");
  int ready[2] = {-1, -1};
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto file = sys::open_append("box", 0600);
    const bool locked = file && sys::lock_exclusive(file->get());
    (void)!::write(ready[1], locked ? "x" : "", 1);
    (void)::usleep(200000);
    (void)!::write(file->get(), "first\n", 6);
    ::_exit(0);
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  EXPECT_TRUE(to_mbox("./box", "second\n"));
  (void)::waitpid(child, nullptr, 0);
  EXPECT_EQ(content_of("box"), std::string("first\n") + kHead + "second\n\n");
}

TEST(MaildirName, HasTimeProcessHost) {
  const base::Time now = base::from_epoch(1700000000);
  EXPECT_EQ(maildir_name(now, 77, 1, "h.example"), "1700000000.77.h.example");
  EXPECT_EQ(maildir_name(now, 77, 2, "h.example"), "1700000000.77_2.h.example");
  EXPECT_EQ(maildir_name(now, 77, 1, "a/b:c"), "1700000000.77.a\\057b\\072c");
}

TEST(MaildirDelivery, PutsTheBytesIntoNew) {
  const TemporaryHome home;
  make_maildir("M");
  const std::string odd("From x\n\0y\xff\r\n", 12);
  for (unsigned round = 1; round <= 20; ++round) {
    ASSERT_TRUE(to_maildir("./M/", odd, round));
  }
  const auto names = names_in("M/new");
  EXPECT_EQ(names.size(), 20U);
  EXPECT_TRUE(names_in("M/tmp").empty());
  for (const std::string& name : names) {
    EXPECT_EQ(content_of("M/new/" + name), "Return-Path: <s>\nDelivered-To: r\n" + odd);
  }
}

TEST(MaildirDelivery, LeavesNothingInTmp) {
  const TemporaryHome home;
  make_maildir("M");
  const sys::Fd file = message_with(std::string(300000, 'x'));
  MessageFile message(file.get());
  {
    const FileSizeLimit limit(100000);
    EXPECT_EQ(failure_text(deliver_to_maildir("./M/", 1, kTrace, message)),
              "Temporary error on maildir delivery. (#4.3.0)");
  }
  EXPECT_TRUE(names_in("M/tmp").empty());
  ASSERT_EQ(::rmdir("M/new"), 0);
  EXPECT_EQ(failure_text(to_maildir("./M/", "x")),
            "Temporary error on maildir delivery. (#4.3.0)");
  EXPECT_TRUE(names_in("M/tmp").empty());
  put_file("M/new", "a file");
  EXPECT_EQ(failure_text(to_maildir("./M/", "x")),
            "Temporary error on maildir delivery. (#4.3.0)");
  EXPECT_TRUE(names_in("M/tmp").empty());
}

TEST(MaildirDelivery, NeverReplacesAMessage) {
  const TemporaryHome home;
  make_maildir("M");
  char host[256] = {};
  ASSERT_EQ(::gethostname(host, sizeof host - 1), 0);
  const base::Time now = sys::now();
  for (int second = 0; second < 60; ++second) {
    put_file("M/new/" + maildir_name(now + base::Seconds(second), ::getpid(), 1, host),
             "older");
  }
  EXPECT_EQ(failure_text(to_maildir("./M/", "x")),
            "Temporary error on maildir delivery. (#4.3.0)");
  EXPECT_TRUE(names_in("M/tmp").empty());
  for (const std::string& name : names_in("M/new")) {
    EXPECT_EQ(content_of("M/new/" + name), "older");
  }
}

TEST(MaildirDelivery, NotAMaildir) {
  const TemporaryHome home;
  put_file("file", "");
  ASSERT_EQ(::mkdir("empty", 0700), 0);
  EXPECT_EQ(failure_text(to_maildir("./none/", "x")), "Unable to chdir to maildir. (#4.2.1)");
  EXPECT_EQ(failure_text(to_maildir("./file/", "x")), "Unable to chdir to maildir. (#4.2.1)");
  EXPECT_EQ(failure_text(to_maildir("./empty/", "x")),
            "Temporary error on maildir delivery. (#4.3.0)");
}

TEST(MaildirDelivery, UnreadableMessage) {
  const TemporaryHome home;
  make_maildir("M");
  const auto directory = sys::open_directory(".");
  ASSERT_TRUE(directory);
  MessageFile message(directory->get());
  EXPECT_EQ(failure_text(deliver_to_maildir("./M/", 1, kTrace, message)),
            "Unable to read message. (#4.3.0)");
  EXPECT_TRUE(names_in("M/tmp").empty());
  EXPECT_TRUE(names_in("M/new").empty());
}

}  // namespace
}  // namespace reqmail::local
