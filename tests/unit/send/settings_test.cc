// qmail-send's control files at the start, and again at HUP.
#include "send/settings.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <string>

namespace reqmail::send {
namespace {

using scheduler::Channel;
using Lines = std::vector<std::string>;

class Settings : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_NE(::mkdtemp(home_.data()), nullptr);
    ASSERT_EQ(::chdir(home_.c_str()), 0);
    ASSERT_EQ(::mkdir("control", 0755), 0);
  }

  void TearDown() override {
    ASSERT_EQ(::chdir("/"), 0);
    EXPECT_EQ(::system(("rm -rf " + home_).c_str()), 0);
  }

  void control(const std::string& name, std::string_view text) const {
    std::ofstream(home_ + "/control/" + name) << text;
  }

  std::string home_ = "/tmp/send-settings.XXXXXX";
};

TEST_F(Settings, Defaults) {
  control("me", "host.example\n");
  const auto settings = read_send_settings();
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->me, "host.example");
  EXPECT_EQ(settings->scheduler.lifetime, base::Seconds(604800));
  EXPECT_EQ(settings->scheduler.concurrency[Channel::local], 10U);
  EXPECT_EQ(settings->scheduler.concurrency[Channel::remote], 20U);
  EXPECT_EQ(settings->scheduler.routing.envnoathost, "host.example");
  EXPECT_EQ(settings->scheduler.routing.locals, Lines{"host.example"});
  EXPECT_EQ(settings->scheduler.routing.virtualdomains, Lines());
  EXPECT_EQ(settings->scheduler.routing.percenthack, Lines());
  EXPECT_EQ(settings->bounce_names.from, "MAILER-DAEMON");
  EXPECT_EQ(settings->bounce_names.host, "host.example");
  EXPECT_EQ(settings->bounce_names.double_to, "postmaster");
  EXPECT_EQ(settings->bounce_names.double_host, "host.example");
}

TEST_F(Settings, WithoutMeEachNameIsItsFilesOwn) {
  control("locals", "");
  const auto settings = read_send_settings();
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->scheduler.routing.envnoathost, "envnoathost");
  EXPECT_EQ(settings->bounce_names.host, "bouncehost");
  EXPECT_EQ(settings->bounce_names.double_host, "doublebouncehost");
  EXPECT_EQ(settings->scheduler.routing.locals, Lines());
}

TEST_F(Settings, WithoutLocalsAndMeItDoesNotStart) {
  EXPECT_EQ(read_send_settings().error().text, "unable to read controls");
}

TEST_F(Settings, EveryFileMustBeReadable) {
  control("me", "host.example\n");
  for (const char* name :
       {"queuelifetime", "concurrencylocal", "concurrencyremote", "envnoathost", "percenthack",
        "locals", "virtualdomains", "bouncefrom", "bouncehost", "doublebouncehost",
        "doublebounceto", "bouncestyle", "bouncesubject", "bouncemaxbytes", "custombouncetext",
        "retryschedule", "concurrencyremotedomains", "concurrencyremotereserve",
        "ratelimitremote"}) {
    const std::string path = std::string("control/") + name;
    ASSERT_EQ(::mkdir(path.c_str(), 0755), 0);
    EXPECT_FALSE(read_send_settings()) << name;
    ASSERT_EQ(::rmdir(path.c_str()), 0);
  }
  control("queuelifetime", "99999999999999999999\n");
  ASSERT_TRUE(read_send_settings());
  EXPECT_EQ(read_send_settings()->scheduler.lifetime, base::Seconds(std::int64_t{1} << 40));
}

TEST_F(Settings, RereadFromElsewhereWithTheOldMe) {
  control("me", "changed.example\n");
  control("virtualdomains", "v.example:user\n");
  ASSERT_EQ(::chdir("/"), 0);
  control("bouncesubject", "Back\n");
  const auto settings = reread_send_settings(home_, "host.example");
  const auto* reread = std::get_if<scheduler::Reread>(&settings.event);
  ASSERT_NE(reread, nullptr);
  EXPECT_EQ(reread->locals, Lines{"host.example"});
  EXPECT_EQ(reread->virtualdomains, Lines{"v.example:user"});
  EXPECT_FALSE(reread->utf8);
  control("smtputf8", "1\n");
  const auto again = reread_send_settings(home_, "host.example");
  ASSERT_NE(std::get_if<scheduler::Reread>(&again.event), nullptr);
  EXPECT_TRUE(std::get_if<scheduler::Reread>(&again.event)->utf8);
  ASSERT_TRUE(settings.bounce_form);
  EXPECT_EQ(settings.bounce_form->subject, "Back");
}

TEST_F(Settings, Bounces) {
  control("me", "host.example\n");
  auto settings = read_send_settings();
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->bounce_form.style, scheduler::BounceStyle::plain);
  EXPECT_EQ(settings->bounce_form.subject, "failure notice");
  EXPECT_EQ(settings->bounce_form.text, "");
  EXPECT_EQ(settings->bounce_form.max_bytes, 0U);
  control("bouncestyle", "dsn\n");
  control("bouncesubject", "Back\n");
  control("bouncemaxbytes", "400\n");
  control("custombouncetext", "# Ask\n\nus\n");
  settings = read_send_settings();
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->bounce_form.style, scheduler::BounceStyle::report);
  EXPECT_EQ(settings->bounce_form.subject, "Back");
  EXPECT_EQ(settings->bounce_form.text, "# Ask\n\nus\n");
  EXPECT_EQ(settings->bounce_form.max_bytes, 400U);
  EXPECT_TRUE(settings->alerts.empty());
  control("bouncestyle", "mime\n");
  settings = read_send_settings();
  EXPECT_EQ(settings->bounce_form.style, scheduler::BounceStyle::plain);
  EXPECT_EQ(settings->alerts,
            Lines{"control/bouncestyle: bad line: mime (neither headers nor dsn)"});
}

TEST_F(Settings, AnEmptyFirstLineOfDoublebouncetoDiscards) {
  control("me", "host.example\n");
  for (const auto& [text, discards] : std::vector<std::pair<std::string, bool>>{
           {"\n", true}, {" \t\nx\n", true}, {"", false}, {"pm\n", false}}) {
    control("doublebounceto", text);
    EXPECT_EQ(read_send_settings()->bounce_names.discards_double, discards) << text;
  }
}

TEST_F(Settings, ScheduleAndLimits) {
  control("me", "host.example\n");
  control("retryschedule", "local:60\nremote:400 100\n");
  control("concurrencyremotedomains", "x:2\ny\n");
  control("ratelimitremote", "x:2/3\n");
  control("concurrencyremotereserve", "25\n");
  const auto settings = read_send_settings();
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->scheduler.domains.reserve_of(20), 5U);
  const base::Time now = base::from_epoch(1'000'000);
  EXPECT_EQ(settings->scheduler.retry.next(now, now, Channel::local), now + base::Seconds(60));
  EXPECT_EQ(settings->scheduler.retry.next(now, now, Channel::remote),
            now + base::Seconds(400));
  EXPECT_EQ(settings->scheduler.domains.limit_of("x").at_a_time, 2U);
  EXPECT_EQ(settings->scheduler.domains.limit_of("x").rate->starts, 2U);
  EXPECT_EQ(settings->alerts.size(), 2U);
  EXPECT_EQ(settings->alerts[0],
            "control/retryschedule: bad line: remote:400 100 (not ascending)");
}

TEST_F(Settings, RereadFailures) {
  const auto what = [](const RereadSettings& settings) {
    EXPECT_FALSE(settings.bounce_form);
    const auto* failed = std::get_if<scheduler::RereadFailed>(&settings.event);
    return failed != nullptr ? failed->file : std::string("no failure");
  };
  EXPECT_EQ(what(reread_send_settings("/nonexistent", "h")),
            "controls: unable to switch to home directory");
  EXPECT_EQ(what(reread_send_settings(home_, std::nullopt)), "control/locals");
  ASSERT_EQ(::mkdir("control/virtualdomains", 0755), 0);
  EXPECT_EQ(what(reread_send_settings(home_, "h")), "control/virtualdomains");
  ASSERT_EQ(::mkdir("control/locals", 0755), 0);
  EXPECT_EQ(what(reread_send_settings(home_, "h")), "control/locals");
}

}  // namespace
}  // namespace reqmail::send
