// What is read from disk: files of every type, service directories, queues, programs.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <string>

#include "base/number.h"
#include "sys/file.h"
#include "upgrade/disk.h"
#include "upgrade/elf_symbols.h"
#include "upgrade/old_files.h"
#include "upgrade/programs.h"
#include "upgrade/queue_check.h"
#include "upgrade/services.h"
#include "upgrade/variable_check.h"

namespace reqmail::upgrade {
namespace {

using std::string_literals::operator""s;

class OldHome : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_NE(::mkdtemp(place_.data()), nullptr); }

  void TearDown() override { (void)remove_tree(place_); }

  [[nodiscard]] std::string path(const std::string& name) const { return place_ + "/" + name; }

  std::string put(const std::string& name, const std::string& content) {
    const std::string file = path(name);
    EXPECT_TRUE(make_directories(sys::directory_of(file), 0755));
    EXPECT_TRUE(sys::replace_file(file, content, 0644));
    return file;
  }

  void make_queue(int split) {
    for (const char* kind : {"mess", "info", "local", "remote"}) {
      for (int i = 0; i < split; ++i) {
        EXPECT_TRUE(make_directories(
            path("queue/"s + kind + "/" + base::decimal(static_cast<unsigned>(i))), 0755));
      }
    }
    for (const char* name : {"todo", "intd", "bounce", "lock"}) {
      EXPECT_TRUE(make_directories(path("queue/"s + name), 0755));
    }
  }

  std::string place_ = "/tmp/old-home-test.XXXXXX";
};

TEST_F(OldHome, OnlyRegularFilesAreRead) {
  put("plain", "text");
  EXPECT_EQ(read_plain(path("plain"))->value(), "text");
  EXPECT_FALSE(read_plain(path("none"))->has_value());
  EXPECT_EQ(read_plain(path("plain"), 3).error().text, "is larger than 3 bytes");
  EXPECT_EQ(read_plain(path("plain"), 4)->value(), "text");
  EXPECT_EQ(read_plain(place_).error().text, "is a directory");
  EXPECT_EQ(read_plain("/dev/zero").error().text, "is a device");
  ASSERT_EQ(::mkfifo(path("fifo").c_str(), 0600), 0);
  EXPECT_EQ(read_plain(path("fifo")).error().text, "is a FIFO");
  ASSERT_EQ(::symlink("plain", path("link").c_str()), 0);
  EXPECT_EQ(read_plain(path("link"))->value(), "text");
  ASSERT_EQ(::symlink("loop", path("loop").c_str()), 0);
  EXPECT_EQ(read_plain(path("loop")).error().text, "is a symbolic link to itself");
  ASSERT_EQ(::symlink("nowhere", path("dangling").c_str()), 0);
  EXPECT_EQ(read_plain(path("dangling")).error().text, "is a symbolic link to nothing");
}

TEST_F(OldHome, ReadingLeavesTheTimeOfAccess) {
  const std::string file = put("plain", "text");
  struct ::timespec times[2] = {{1000000000, 0}, {1000000001, 0}};
  ASSERT_EQ(::utimensat(AT_FDCWD, file.c_str(), times, 0), 0);
  ASSERT_TRUE(read_plain(file)->has_value());
  EXPECT_EQ(sys::status(file)->st_atime, 1000000000);
}

TEST_F(OldHome, NamesAreSortedAndMissingDirectoriesEmpty) {
  put("d/b", "");
  put("d/a", "");
  const auto entries = list_entries(path("d"));
  ASSERT_TRUE(entries);
  ASSERT_EQ(entries->size(), 2U);
  EXPECT_EQ((*entries)[0].name, "a");
  EXPECT_TRUE(list_entries(path("none"))->empty());
  EXPECT_FALSE(list_entries(path("d/a")));
}

TEST_F(OldHome, ControlLines) {
  EXPECT_EQ(control_lines("a \n#b\n\n \t\nc\td"), (std::vector<std::string>{"a", "c\td"}));
}

TEST_F(OldHome, ServicesOfEverySupervisor) {
  const std::string script = "#!/bin/sh\nexec qmail-smtpd\n";
  for (const char* name :
       {"service/smtpd/run", "var/service/a/run", "etc/service/b/run", "etc/sv/c/run",
        "run/service/d/run", "etc/init.d/qmail", "etc/rc.d/init.d/qmaild", "etc/xinetd.d/smtp",
        "home/supervise/e/run", "home/rc"}) {
    put(name, script + "# " + name + "\n");
  }
  put("etc/systemd/system/qmail-smtpd@.service", "[Service]\nExecStart=/x/qmail-smtpd a b\n");
  put("etc/systemd/system/other.service", "[Service]\nExecStart=/x/other\n");
  put("etc/init.d/ssh", "#!/bin/sh\nexec sshd\n");
  put("service/.hidden/run", script);
  put("etc/inetd.conf", "smtp stream tcp nowait qmaild /x/tcp-env tcp-env /x/qmail-smtpd\n");
  // The same service by its link: once.
  ASSERT_TRUE(make_directories(path("etc/service"), 0755));
  ASSERT_EQ(::symlink(path("etc/sv/c").c_str(), path("etc/service/c").c_str()), 0);
  const Services services = find_services(path("home"), place_);
  EXPECT_EQ(services.scripts.size(), 12U);
  EXPECT_TRUE(services.findings.empty());
  for (const ServiceScript& found : services.scripts) {
    EXPECT_EQ(found.facts.invocations.size(), 1U) << found.path;
  }
}

TEST_F(OldHome, RulesBesideTheUsualPlaces) {
  put("etc/tcp.smtp", ":allow,CHKUSER_START=\"ALWAYS\"\n");
  put("srv/rules", ":allow,RCPTCHECK=\"/x\"\n");
  put("service/s/run", "tcpserver -x /srv/rules.cdb 0 25 qmail-smtpd\n");
  put("service/t/run", "tcpserver -x $RULES 0 25 qmail-smtpd\n");
  const Services services = find_services(path("home"), place_);
  ASSERT_EQ(services.rules.size(), 2U);
  EXPECT_EQ(services.rules[0].settings[0].name, "RCPTCHECK");
  EXPECT_EQ(services.rules[1].settings[0].name, "CHKUSER_START");
}

TEST_F(OldHome, RulesBehindVariablesAndInEveryUsualPlace) {
  put("srv/etc/rules", ":allow,A=\"1\"\n");
  put("etc/mail.conf", "DIR=/srv/etc\n");
  put("service/s/run",
      ". /etc/mail.conf\nRULES=$DIR/rules\n"
      "exec tcpserver -x \"${RULES}.cdb\" 0 25 qmail-smtpd\n");
  put("service/t/run", "tcpserver -x $NOBODY_KNOWS 0 25 qmail-smtpd\n");
  put("home/control/tcp.smtp", ":allow,B=\"1\"\n");
  put("home/control/tcp.smtp~", ":allow,X=\"1\"\n");
  put("etc/tcp.submission", ":allow,C=\"1\"\n");
  put("etc/tcprules.d/anything", ":allow,D=\"1\"\n");
  put("etc/tcprules.d/.anything.swp", ":allow,X=\"1\"\n");
  std::string names;
  for (const RuleFile& file : find_services(path("home"), place_).rules) {
    names += file.settings.at(0).name;
  }
  EXPECT_EQ(names, "ABCD");
}

TEST_F(OldHome, PatternsOfLoggers) {
  put("home/supervise/smtpd/log/run", "#!/bin/sh\nexec multilog t '-*' '+*CHKUSER*' ./main\n");
  const Services services = find_services(path("home"), place_);
  ASSERT_EQ(services.logs.size(), 1U);
  EXPECT_EQ(services.logs[0].patterns, (std::vector<std::string>{"-*", "+*CHKUSER*"}));
}

TEST_F(OldHome, ProgramsInVariablesAreLookedFor) {
  const std::string program = put("opt/filter", "#!/bin/sh\n");
  put("service/s/run", "export QMAILQUEUE=/opt/filter\nexec qmail-smtpd\n");
  const auto verdict = [&] {
    const auto findings =
        check_variables(find_services(path("home"), place_), path("home"), place_);
    return findings.at(0).severity;
  };
  EXPECT_EQ(verdict(), Severity::loss);  // may not be executed
  ASSERT_EQ(::chmod(program.c_str(), 0755), 0);
  EXPECT_EQ(verdict(), Severity::harmless);
  ASSERT_EQ(::unlink(program.c_str()), 0);
  EXPECT_EQ(verdict(), Severity::loss);
  put("service/s/run", "export QMAILQUEUE=$FILTER\nexec qmail-smtpd\n");
  EXPECT_EQ(verdict(), Severity::note);
}

TEST_F(OldHome, QueuesAreCounted) {
  make_queue(7);
  put("queue/mess/3/10", "");  // 10 % 7
  put("queue/mess/3/11", "");
  put("queue/mess/3/name", "");
  put("queue/todo/10", "");
  put("queue/bounce/10", "");
  const QueueFacts facts = look_at_queue(path("queue"), OldPrograms{});
  EXPECT_EQ(facts.split, 7U);
  EXPECT_EQ(facts.messages, 2U);
  EXPECT_EQ(facts.misplaced, 1U);
  EXPECT_EQ(facts.renumbered, 2U);
  EXPECT_EQ(facts.unprocessed, 1U);
  EXPECT_EQ(facts.bounces, 1U);
  EXPECT_FALSE(facts.todo_split || facts.intd_split);
  EXPECT_TRUE(facts.holes.empty());
  EXPECT_EQ(facts.broken_locks.size(), 3U);
}

TEST_F(OldHome, QueuesOfPatches) {
  make_queue(3);
  put("queue/todo/0/3", "");
  put("queue/intd/0/3", "");
  put("queue/suppl0/1/4", "");
  ASSERT_TRUE(remove_tree(path("queue/local/1")));
  const QueueFacts facts = look_at_queue(path("queue"), OldPrograms{});
  EXPECT_TRUE(facts.todo_split && facts.intd_split);
  EXPECT_EQ(facts.unprocessed, 1U);
  EXPECT_EQ(facts.channels, (std::vector<std::string>{"suppl0"}));
  EXPECT_EQ(facts.in_channels, 1U);
  EXPECT_EQ(facts.holes, (std::vector<std::string>{"local/1"}));
  EXPECT_FALSE(look_at_queue(path("none"), OldPrograms{}).present);
}

TEST_F(OldHome, OurOwnProgramsAreNoPatchOfAnything) {
  put("bin/qmail-send",
      "\x7f"
      "ELF _ZN7reqmail4sendE triple");
  put("bin/qmail-smtpd",
      "\x7f"
      "ELF STARTTLS LOGREGEX _ZN7reqmail");
  put("bin/elq", "");
  const OldPrograms programs = recognise_programs(path("bin"));
  EXPECT_EQ(programs.version, "reqmail");
  EXPECT_TRUE(programs.patches.empty());
  EXPECT_TRUE(programs.findings.empty());
}

TEST(Programs, TextsOfPatches) {
  OldPrograms programs;
  recognise_text(programs, "qmail-smtpd", "..LOGREGEX..STARTTLS\0..VXNlcm5hbWU6"s);
  recognise_text(programs, "qmail-remote", "..no such thing: LOGREGEX..");
  EXPECT_EQ(programs.patches, (std::vector<std::string>{"SMTP AUTH", "TLS", "qregex"}));
  EXPECT_TRUE(programs.has(Trait::qregex) && programs.has(Trait::server_tls) &&
              programs.has(Trait::server_auth));
  EXPECT_FALSE(programs.has(Trait::forces_tls) || programs.has(Trait::client_tls));
}

TEST(ElfSymbols, WhatIsNoElfHasNone) {
  for (const std::string& file : {""s, "#!/bin/sh\n"s,
                                  "\x7f"
                                  "ELF"s,
                                  std::string(64, '\0')}) {
    EXPECT_FALSE(elf_int(file, "auto_split"));
  }
  std::string wild =
      "\x7f"
      "ELF\x02\x01\x01"s;
  wild.resize(64, '\xff');  // tables far outside of the file
  EXPECT_FALSE(elf_int(wild, "auto_split"));
}

}  // namespace
}  // namespace reqmail::upgrade
