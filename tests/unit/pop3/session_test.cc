// A POP3 session over a maildir of three messages, and over a pair of sockets.
#include "pop3/session.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <string>

#include "sys/clock.h"
#include "sys/connection.h"
#include "sys/fd.h"
#include "sys/stream.h"

namespace reqmail::pop3 {
namespace {

class Session : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/reqmail-pop3.XXXXXX";
    ASSERT_NE(::mkdtemp(name), nullptr);
    directory_ = name;
    ASSERT_EQ(::chdir(name), 0);
    for (const char* folder : {"new", "cur", "tmp"}) {
      ASSERT_EQ(::mkdir(folder, 0700), 0);
    }
    add("new/1.a.host", "Subject: one\n\n.dot\n");
    add("new/2.b.host", "Subject: two\n\nline 1\nline 2\nline 3\n");
    add("cur/3.c.host:2,S", "Subject: three\n");
  }

  void TearDown() override {
    ASSERT_EQ(::chdir("/"), 0);
    (void)!::system(("rm -rf " + directory_).c_str());
  }

  void add(const std::string& path, const std::string& text) {
    std::ofstream(path) << text;
    files_.push_back({path, sys::now(), text.size()});
  }

  // Returns what the client reads after it has sent all this at once and closed its end.
  std::string talk(const std::string& said) {
    auto pair = sys::make_socket_pair();
    EXPECT_TRUE(pair);
    EXPECT_TRUE(sys::write_all(pair->other.get(), said));
    sys::end_writing(pair->other.get());
    {
      const sys::Fd ours = std::move(pair->one);
      sys::DescriptorConnection client(ours.get(), ours.get());
      sys::Reader input(client);
      sys::Writer output(client);
      Pop3Session(files_, input, output).run();
      // Otherwise the client would get an error because of unread bytes.
      sys::drain(ours.get());
    }
    return sys::read_all(pair->other.get(), 100000).value_or("?");
  }

  static bool exists(const char* path) { return ::access(path, F_OK) == 0; }

  std::string directory_;
  std::vector<local::MaildirEntry> files_;
};

TEST_F(Session, ListsWhatIsThere) {
  EXPECT_EQ(talk("STAT\r\nLIST\r\nUIDL\r\nLIST 2\r\n"),
            "+OK \r\n"
            "+OK 3 69\r\n"
            "+OK \r\n1 19\r\n2 35\r\n3 15\r\n.\r\n"
            "+OK \r\n1 1.a.host\r\n2 2.b.host\r\n3 3.c.host\r\n.\r\n"
            "+OK 2 35\r\n");
}

TEST_F(Session, SendsMessagesWithLineEndsAndDots) {
  EXPECT_EQ(talk("RETR 1\r\n"), "+OK \r\n+OK \r\nSubject: one\r\n\r\n..dot\r\n\r\n.\r\n");
  EXPECT_EQ(talk("TOP 2 1\r\n"), "+OK \r\n+OK \r\nSubject: two\r\n\r\nline 1\r\n\r\n.\r\n");
}

TEST_F(Session, NothingIsChangedWithoutQuit) {
  EXPECT_EQ(talk("DELE 1\r\nDELE 3\r\n"), "+OK \r\n+OK \r\n+OK \r\n");
  EXPECT_TRUE(exists("new/1.a.host"));
  EXPECT_TRUE(exists("cur/3.c.host:2,S"));
}

TEST_F(Session, QuitDeletesAndFilesTheRestAsSeen) {
  EXPECT_EQ(talk("DELE 1\r\nDELE 3\r\nRSET\r\nDELE 1\r\nQUIT\r\nSTAT\r\n"),
            "+OK \r\n+OK \r\n+OK \r\n+OK \r\n+OK \r\n+OK \r\n");
  EXPECT_FALSE(exists("new/1.a.host"));
  EXPECT_FALSE(exists("new/2.b.host"));
  EXPECT_TRUE(exists("cur/2.b.host:2,"));
  EXPECT_TRUE(exists("cur/3.c.host:2,S"));
}

TEST_F(Session, AMessageThatIsGoneMeanwhile) {
  ASSERT_EQ(::unlink("new/1.a.host"), 0);
  EXPECT_EQ(talk("RETR 1\r\nDELE 1\r\nQUIT\r\n"),
            "+OK \r\n-ERR unable to open that message\r\n+OK \r\n"
            "-ERR unable to unlink all deleted messages\r\n+OK \r\n");
}

TEST_F(Session, ALineThatNeverEnds) {
  EXPECT_EQ(talk(std::string(140000, 'x')), "+OK \r\n-ERR line too long\r\n");
  EXPECT_TRUE(exists("new/1.a.host"));
}

}  // namespace
}  // namespace reqmail::pop3
