// The input, settings and message of qmail-inject, and the injector, with a queue program of
// this test.
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <utility>
#include <vector>

#include "mail/verdict_codec.h"
#include "submit/inject_input.h"
#include "submit/inject_message.h"
#include "submit/inject_settings.h"
#include "submit/injector.h"
#include "sys/file.h"
#include "sys/stream.h"
#include "tests/unit/support/private_host.h"
#include "tests/unit/support/temporary_home.h"

namespace reqmail::submit {
namespace {

using testing::content_of;
using testing::put_file;
using testing::TemporaryHome;

// Returns a descriptor from which this can be read.
sys::Fd input_with(const std::string& content) {
  put_file("input", content);
  auto file = sys::open_read("input");
  EXPECT_TRUE(file);
  return *std::move(file);
}

std::string all_of(const std::string& content, bool find_line_ends) {
  const sys::Fd file = input_with(content);
  InjectInput input(file.get(), find_line_ends);
  std::string text;
  for (;;) {
    const auto block = input.next();
    if (!block) {
      return block.error().text;
    }
    if (block->empty()) {
      return text;
    }
    text += *block;
  }
}

TEST(InjectInput, AsItIsUnlessLineEndsAreLookedFor) {
  const TemporaryHome home;
  EXPECT_EQ(all_of("a: b\r\n\r\nbody\r\n", false), "a: b\r\n\r\nbody\r\n");
  EXPECT_EQ(all_of("a: b\r\n\r\nbody\r\n", true), "a: b\n\nbody\n");
  EXPECT_EQ(all_of("a: b\n\nbody\r\n", true), "a: b\n\nbody\r\n");
  EXPECT_EQ(all_of("", true), "");
}

TEST(InjectInput, LongMessagesComeInBlocks) {
  const TemporaryHome home;
  std::string lines;
  std::string expected;
  for (int i = 0; i < 40000; ++i) {
    lines += "line\r\n";
    expected += "line\n";
  }
  ASSERT_GT(lines.size(), 2 * kInjectBlock);
  EXPECT_EQ(all_of(lines, false), lines);
  EXPECT_EQ(all_of(lines, true), expected);
}

TEST(InjectInput, UnreadableIsTemporary) {
  InjectInput input(-1, false);
  const auto block = input.next();
  ASSERT_FALSE(block);
  EXPECT_EQ(block.error().text, "read error");
  EXPECT_EQ(block.error().permanence, Permanence::temporary);
}

class Inject : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* name :
         {"QMAILINJECT", "QMAILMFTFILE", "MAILHOST", "QMAILHOST", "MAILUSER", "QMAILUSER",
          "USER", "LOGNAME", "NAME", "MAILNAME", "QMAILNAME", "QMAILSHOST", "QMAILSUSER"}) {
      ::unsetenv(name);
    }
    ::setenv("QMAILDEFAULTDOMAIN", "example.org", 1);
    ::setenv("QMAILDEFAULTHOST", "host", 1);
    ::setenv("QMAILPLUSDOMAIN", "plus.example", 1);
    ::setenv("QMAILIDHOST", "id.example", 1);
    ::setenv("QMAILUSER", "user", 1);
    if (!tests::enter_private_home()) {
      GTEST_SKIP() << "no private mounts here";
    }
    program_ = home_.path() + "/queue";
    queue("cd " + home_.path() + "; cat >message; cat <&1 >raw; tr '\\0' '|' <raw >envelope");
    ::setenv("QMAILQUEUE", program_.c_str(), 1);
  }

  void TearDown() override {
    for (const char* name : {"QMAILDEFAULTDOMAIN", "QMAILDEFAULTHOST", "QMAILPLUSDOMAIN",
                             "QMAILIDHOST", "QMAILUSER", "QMAILQUEUE", "QMAILINJECT"}) {
      ::unsetenv(name);
    }
  }

  void queue(const std::string& script) {
    put_file(program_, "#!/bin/sh\n" + script + "\n", 0700);
  }

  // This also changes to qmail's home, as in the program.
  static InjectSettings settings() {
    auto loaded = load_inject_settings();
    EXPECT_TRUE(loaded) << loaded.error().text;
    return *std::move(loaded);
  }

  [[nodiscard]] std::string of(const std::string& name) const {
    return content_of(home_.path() + "/" + name);
  }

  TemporaryHome home_;
  std::string program_;
};

TEST_F(Inject, SettingsComeFromTheEnvironment) {
  ::setenv("QMAILINJECT", "sl", 1);
  const InjectSettings loaded = settings();
  EXPECT_TRUE(loaded.find_line_ends);
  EXPECT_TRUE(loaded.header.delete_return_path);
  EXPECT_FALSE(loaded.header.verp_per_recipient);
  EXPECT_EQ(loaded.header.id_host, "id.example");
}

TEST_F(Inject, SenderOfTheArgumentIsCompleted) {
  const InjectSettings loaded = settings();
  EXPECT_EQ(*argument_sender(loaded.defaults, "joe"), "joe@host.example.org");
  EXPECT_EQ(*argument_sender(loaded.defaults, "joe@a.b"), "joe@a.b");
  EXPECT_EQ(*argument_sender(loaded.defaults, "joe@a+"), "joe@a.plus.example");
}

TEST_F(Inject, QueuesForTheRecipientsOfTheHeader) {
  const sys::Fd input = input_with("To: joe, ann@a.b\nBcc: eve@c.d\nSubject: s\n\nbody");
  InjectOptions options;
  options.from = InjectRecipients::header;
  options.sender = "s@a.b";
  const auto done = inject_message(settings(), options, input.get(), 1);
  ASSERT_TRUE(done) << done.error().text;
  EXPECT_EQ(of("envelope"), "Fs@a.b|Tann@a.b|Tjoe@host.example.org|Teve@c.d||");
  const std::string message = of("message");
  EXPECT_NE(message.find("To: joe@host.example.org, ann@a.b\n"), std::string::npos) << message;
  EXPECT_NE(message.find("Subject: s\n"), std::string::npos);
  EXPECT_NE(message.find("@id.example>\n"), std::string::npos);
  EXPECT_EQ(message.find("Bcc"), std::string::npos);
  EXPECT_TRUE(message.ends_with("\n\nbody\n")) << message;
}

TEST_F(Inject, PrintsAndQueuesNothing) {
  const sys::Fd input = input_with("To: joe\n\nbody\n");
  const auto output = sys::open_truncated("output", 0600);
  ASSERT_TRUE(output);
  InjectOptions options;
  options.print = true;
  ASSERT_TRUE(inject_message(settings(), options, input.get(), output->get()));
  EXPECT_NE(of("output").find("To: joe@host.example.org\n"), std::string::npos);
  EXPECT_EQ(of("envelope"), "<none>");
}

TEST_F(Inject, RefusalOfTheQueueProgramIsTold) {
  queue("cat >/dev/null; printf 'Dnot you' >&4; exit 82");
  const sys::Fd input = input_with("a: b\n");
  InjectOptions options;
  options.arguments = {"joe"};
  const auto refused = inject_message(settings(), options, input.get(), 1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(mail::report(refused.error()), "Dnot you");
}

TEST_F(Inject, InjectorQueuesWhatItIsGiven) {
  auto injector = Injector::start();
  ASSERT_TRUE(injector);
  EXPECT_GT(injector->pid(), 0);
  const std::string body(200000, 'x');
  injector->message("a: b\n\n");
  injector->message(body);
  injector->sender("s@a");
  injector->message("too late");
  injector->recipient("r@b");
  // The injector may be moved meanwhile.
  Injector moved = *std::move(injector);
  const auto queued = moved.finish();
  ASSERT_TRUE(queued) << queued.error().text;
  EXPECT_EQ(of("message"), "a: b\n\n" + body);
  EXPECT_EQ(of("envelope"), "Fs@a|Tr@b||");
}

TEST_F(Inject, InjectorThatGivesUpQueuesNothing) {
  queue("cat >/dev/null; cat <&1 >" + home_.path() + "/envelope; exit 91");
  {
    auto abandoned = Injector::start();
    ASSERT_TRUE(abandoned);
    abandoned->message("a: b\n");
  }
  EXPECT_EQ(of("envelope"), "");
  auto injector = Injector::start();
  ASSERT_TRUE(injector);
  injector->message("a: b\n");
  injector->sender("s@a");
  injector->give_up();
  EXPECT_FALSE(injector->finish());
}

TEST_F(Inject, InjectorRefusesAddressesWithNul) {
  auto injector = Injector::start();
  ASSERT_TRUE(injector);
  injector->sender("s@a");
  injector->recipient(std::string("r\0@b", 4));
  const auto refused = injector->finish();
  ASSERT_FALSE(refused);
  EXPECT_EQ(mail::report(refused.error()), "Denvelope address contains a NUL (#5.1.3)");
}

TEST_F(Inject, InjectorTellsOfAProgramThatCannotRun) {
  ::setenv("QMAILQUEUE", "/nonexistent/queue", 1);
  auto injector = Injector::start();
  ASSERT_TRUE(injector);
  injector->sender("s@a");
  const auto refused = injector->finish();
  ASSERT_FALSE(refused);
  EXPECT_EQ(mail::report(refused.error()), "Zunable to exec qq (#4.3.0)");
}

}  // namespace
}  // namespace reqmail::submit
