// The recipients that exist according to files, databases and programs, and the input of
// RCPTCHECK.
#include "smtpd/recipient_sources.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "smtpd/compile_list.h"
#include "smtpd/rcptchecks.h"
#include "sys/file.h"
#include "tests/unit/support/temporary_home.h"

namespace reqmail::smtpd {
namespace {

using proto::Opinion;
using proto::RecipientSource;
using testing::content_of;
using testing::put_file;

class RecipientSourcesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(::mkdir("control", 0755), 0);
    ASSERT_EQ(::mkdir("users", 0755), 0);
    put_file("control/me", "me.example\n");
  }

  RecipientSources open(const RecipientEnvironment& environment = {}) {
    control::ControlFiles control;
    control.look_for_names();
    const RecipientFiles files = RecipientFiles::load(control);
    EXPECT_FALSE(control.failure());
    faults.clear();
    return {files, environment, base::Seconds(20), faults};
  }

  static Opinion opinion(RecipientSources& sources, RecipientSource source,
                         const std::string& mailbox) {
    const auto answer = sources.know(
        {.about = proto::Question::About::recipient, .mailbox = mailbox, .source = source});
    EXPECT_TRUE(answer);
    return answer ? answer->opinion : Opinion::unsure;
  }

  static Opinion valid(RecipientSources& sources, const std::string& mailbox) {
    return opinion(sources, RecipientSource::validrcptto, mailbox);
  }

  static Opinion by_file(RecipientSources& sources, const std::string& mailbox) {
    return opinion(sources, RecipientSource::recipients, mailbox);
  }

  testing::TemporaryHome home;
  std::vector<std::string> faults;
};

TEST_F(RecipientSourcesTest, WithoutFilesNothingIsAsked) {
  const proto::RecipientCheckSettings settings = open().settings();
  EXPECT_TRUE(settings.sources.empty());
  EXPECT_FALSE(settings.has_checker);
}

TEST_F(RecipientSourcesTest, ListAndDatabaseAreOne) {
  put_file("control/validrcptto", "Bob@a.example\n-@a.example\n-\n");
  put_file("control/morevalidrcptto", "Carl@a.example\n");
  ASSERT_TRUE(compile_morevalidrcptto());
  RecipientSources sources = open();
  EXPECT_EQ(sources.settings().sources,
            std::vector<RecipientSource>{RecipientSource::validrcptto});
  EXPECT_EQ(valid(sources, "bob@A.example"), Opinion::yes);
  EXPECT_EQ(valid(sources, "carl@a.example"), Opinion::yes);
  EXPECT_EQ(valid(sources, "x@a.example"), Opinion::no);
  EXPECT_EQ(valid(sources, "x@b.example"), Opinion::none);
  // The line that names nobody refuses nobody.
  EXPECT_EQ(valid(sources, ""), Opinion::none);
  EXPECT_EQ(faults, std::vector<std::string>{"control/validrcptto: bad line: - (no address)"});
}

TEST_F(RecipientSourcesTest, TheOtherDatabaseRefusesWhatItDoesNotHave) {
  put_file("control/morevalidrcptto", "bob@a.example\n@b.example\n-x@c.example\n@c.example\n");
  ASSERT_TRUE(compile_morevalidrcptto());
  ASSERT_TRUE(sys::rename_file("control/morevalidrcptto.cdb", "control/validrcptto.cdb"));
  RecipientSources sources = open();
  EXPECT_EQ(valid(sources, "bob@a.example"), Opinion::yes);
  EXPECT_EQ(valid(sources, "any@b.example"), Opinion::yes);
  EXPECT_EQ(valid(sources, "x@c.example"), Opinion::no);
  EXPECT_EQ(valid(sources, "carl@a.example"), Opinion::no);
}

TEST_F(RecipientSourcesTest, VariablesNameOtherFiles) {
  put_file("control/validrcptto", "-@a.example\n");
  put_file("other", "-@b.example\n");
  RecipientEnvironment environment;
  environment.valid = "other";
  RecipientSources sources = open(environment);
  EXPECT_EQ(valid(sources, "x@a.example"), Opinion::none);
  EXPECT_EQ(valid(sources, "x@b.example"), Opinion::no);
  environment.valid = "";
  EXPECT_TRUE(open(environment).settings().sources.empty());
  environment.valid.reset();
  environment.more = "damaged";
  put_file("damaged", "no cdb");
  RecipientSources broken = open(environment);
  const auto answer = broken.know({.about = proto::Question::About::recipient,
                                   .mailbox = "x@c.example",
                                   .source = RecipientSource::validrcptto});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().text, "unable to read controls (#4.3.0)");
}

TEST_F(RecipientSourcesTest, AMalformedLineIsNotInTheDatabase) {
  put_file("control/morevalidrcptto", "-\nbob@a.example\n");
  ASSERT_TRUE(compile_morevalidrcptto());
  RecipientSources sources = open();
  EXPECT_EQ(valid(sources, "bob@a.example"), Opinion::yes);
  EXPECT_EQ(valid(sources, ""), Opinion::none);
}

TEST_F(RecipientSourcesTest, OneOfSeveralLinesOfADomainIsEnough) {
  put_file("users/recipients", "bob@a.example\nbob@b.example\nbob@c.example\n");
  ASSERT_TRUE(compile_recipients());
  put_file("control/recipients",
           "a.example:missing.cdb\na.example:users/recipients.cdb\n"
           "b.example:users/recipients.cdb\nb.example:missing.cdb\n"
           "!c.example\nc.example:users/recipients.cdb\n"
           "!d.example\nd.example:missing.cdb\n");
  RecipientSources sources = open();
  for (const char* const known : {"bob@a.example", "bob@b.example", "bob@c.example"}) {
    EXPECT_EQ(by_file(sources, known), Opinion::yes) << known;
  }
  EXPECT_EQ(by_file(sources, "x@a.example"), Opinion::unsure);
  EXPECT_EQ(by_file(sources, "x@b.example"), Opinion::unsure);
  EXPECT_EQ(by_file(sources, "x@c.example"), Opinion::none);
  EXPECT_EQ(by_file(sources, "x@d.example"), Opinion::unsure);
}

TEST_F(RecipientSourcesTest, FilesAndProgramsOfRecipients) {
  put_file("users/recipients", "Bob@a.example\n:ann@a.example\nbox@me.example\n");
  ASSERT_TRUE(compile_recipients());
  put_file("check",
           "#!/bin/sh\ncase $(tr '\\0' . <&3) in yes@b.example...) exit 0;; ill*) exit 9;; "
           "esac\nexit 1\n",
           0755);
  put_file("control/recipients",
           "a.example:users/recipients.cdb\nb.example|./check\n!c.example\n@d.example\n"
           "e.example:missing.cdb\nme.example:users/recipients.cdb\nnonsense\n");
  RecipientSources sources = open();
  EXPECT_EQ(by_file(sources, "BOB@a.example"), Opinion::yes);
  EXPECT_EQ(by_file(sources, "ann@a.example"), Opinion::yes);
  EXPECT_EQ(by_file(sources, "carl@a.example"), Opinion::no);
  EXPECT_EQ(by_file(sources, "Yes@b.example"), Opinion::yes);
  EXPECT_EQ(by_file(sources, "no@b.example"), Opinion::no);
  EXPECT_EQ(by_file(sources, "ill@b.example"), Opinion::unsure);
  EXPECT_EQ(by_file(sources, "x@c.example"), Opinion::none);
  EXPECT_EQ(by_file(sources, "x@d.example"), Opinion::yes);
  EXPECT_EQ(by_file(sources, "x@e.example"), Opinion::unsure);
  EXPECT_EQ(by_file(sources, "x@f.example"), Opinion::no);
  EXPECT_EQ(by_file(sources, "box"), Opinion::yes);
  EXPECT_EQ(faults.size(), 1U);
}

TEST_F(RecipientSourcesTest, TheCheckerAndItsEnvironment) {
  RecipientEnvironment environment;
  environment.checker = home.path() + "/check";
  put_file("check",
           "#!/bin/sh\necho \"$SENDER $RECIPIENT ${HELO-none} $USE_FD4 ${RCPTFOUND-no} "
           "${RCPTHOSTS-no} $EXTRA\" >seen\necho 450 later >&4\nexit 100\n",
           0755);
  const RecipientSources sources = open(environment);
  EXPECT_TRUE(sources.settings().has_checker);
  sys::Environment variables = sys::Environment::current();
  variables.set("EXTRA", "kept");
  variables.set("HELO", "stale");
  variables.set("RCPTFOUND", "stale");
  proto::Question question{.about = proto::Question::About::checker,
                           .mailbox = "bob@a.example",
                           .sender = "ann@b.example",
                           .listed = true};
  auto answer = sources.check(question, variables);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->check, mail::RecipientCheck::refused);
  EXPECT_EQ(answer->said, "450 later\n");
  EXPECT_EQ(content_of("seen"), "ann@b.example bob@a.example none 1 no 1 kept\n");
  question.helo = "c.example";
  question.found = true;
  question.listed = false;
  (void)sources.check(question, variables).has_value();
  EXPECT_EQ(content_of("seen"), "ann@b.example bob@a.example c.example 1 1 no kept\n");
  put_file("check", "#!/bin/sh\necho 450 later >&4\nkill -9 $$\n", 0755);
  answer = sources.check(question, variables);
  EXPECT_EQ(answer->check, mail::RecipientCheck::unsure);
  EXPECT_EQ(answer->said, "");
}

TEST_F(RecipientSourcesTest, ProgramsOfTheList) {
  EXPECT_EQ(run_rcptchecks(), 0) << "without the file";
  put_file("one", "#!/bin/sh\necho one $1 >>order\n", 0755);
  put_file("two", "#!/bin/sh\necho two >>order\nexit 112\n", 0755);
  put_file("control/rcptchecks", "./one word\n./two\n./one never\n");
  EXPECT_EQ(run_rcptchecks(), 112);
  EXPECT_EQ(content_of("order"), "one word\ntwo\n");
  put_file("control/rcptchecks", "./missing\n");
  EXPECT_EQ(run_rcptchecks(), 120);
  put_file("two", "#!/bin/sh\nkill -9 $$\n", 0755);
  put_file("control/rcptchecks", "./two\n");
  EXPECT_EQ(run_rcptchecks(), 111);
  ASSERT_EQ(::system("rm control/rcptchecks && mkdir control/rcptchecks"), 0);
  EXPECT_EQ(run_rcptchecks(), 111);
}

TEST(RecipientEnvironmentTest, Variables) {
  const char* names[] = {"VALIDRCPTTO",   "MOREVALIDRCPTTO_CDB", "REALRCPTTO",
                         "CHKUSER_START", "RECIPIENTS450",       "CHKUSER_IDENTIFY",
                         "RCPTCHECK",     "RCPTCHECKRELAYCLIENT"};
  for (const char* name : names) {
    ::unsetenv(name);
  }
  RecipientEnvironment environment = recipient_environment();
  EXPECT_FALSE(environment.valid || environment.more || environment.real);
  EXPECT_FALSE(environment.refuses_for_now || environment.marks_chkuser ||
               environment.checks_for_relays);
  EXPECT_EQ(environment.checker, "");
  ::setenv("CHKUSER_START", "none", 1);
  EXPECT_FALSE(recipient_environment().real);
  ::setenv("CHKUSER_START", "Domain", 1);
  EXPECT_EQ(recipient_environment().real, 1U);
  ::setenv("REALRCPTTO", "2", 1);
  EXPECT_EQ(recipient_environment().real, 2U);
  ::setenv("RCPTCHECKRELAYCLIENT", "0", 1);
  EXPECT_FALSE(recipient_environment().checks_for_relays);
  ::setenv("RCPTCHECKRELAYCLIENT", "1", 1);
  EXPECT_TRUE(recipient_environment().checks_for_relays);
  for (const char* name : names) {
    ::unsetenv(name);
  }
}

}  // namespace
}  // namespace reqmail::smtpd
