#include "upgrade/plan.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "tests/unit/support/scratch.h"
#include "upgrade/places.h"
#include "upgrade/program_table.h"

namespace reqmail::upgrade {
namespace {

using tests::Scratch;

TEST(Plan, EachProgramHasItsPhase) {
  EXPECT_EQ(phase_of("qmail-queue"), Phase::queue);
  EXPECT_EQ(phase_of("qmail-start"), Phase::start);
  EXPECT_EQ(phase_of("qmail-send"), Phase::daemons);
  EXPECT_EQ(phase_of("qmail-smtpd-tls"), Phase::injectors);
  EXPECT_EQ(phase_of("qmail-qread"), Phase::programs);
}

TEST(Plan, PlacesOfAnUpgrade) {
  const Places places("/q", "now");
  EXPECT_EQ(places.program("qmail-send"), "/q/bin/qmail-send");
  EXPECT_EQ(places.old_of("/q/bin/qmail-send"), "/q/bin.old.now/qmail-send");
  EXPECT_EQ(places.old_of("/q/control/me"), "/q/upgrade/now/q/control/me");
  EXPECT_EQ(staged_name("/q/bin/qmail-send"), "/q/bin/.qmail-send.qmail-upgrade");
}

TEST(Plan, ATreeWithoutDaemonsIsRefused) {
  const Scratch home;
  home.put("tree/bin/qmail-send", "");
  survey::Request request;
  request.home = home("");
  request.tree = home("tree");
  EXPECT_EQ(make_plan(request, {}, false).error().text,
            home("tree") + "/bin has no qmail-clean");
}

TEST(Plan, AMiniHostGetsThatOfWhichItHasTheOldOnes) {
  const Scratch home;
  for (const char* name :
       {"qmail-inject", "qmail-qmqpc", "qmail-send", "qmail-upgrade", "qmail-queue"}) {
    home.put(std::string("tree/bin/") + name, "new");
  }
  for (const char* name : {"qmail-inject", "qmail-qmqpc", "qmail-queue"}) {
    home.put(std::string("bin/") + name, "old");
  }
  survey::Request request;
  request.home = home("");
  request.tree = home("tree");
  const auto plan = make_plan(request, {}, true);
  ASSERT_TRUE(plan);
  std::map<std::string, std::string> sources;
  for (const NewFile& file : plan->files) {
    sources[file.put.target.substr(home("bin/").size())] =
        file.source.substr(file.source.rfind('/') + 1);
  }
  EXPECT_EQ(sources, (std::map<std::string, std::string>{{"qmail-inject", "qmail-inject"},
                                                         {"qmail-qmqpc", "qmail-qmqpc"},
                                                         {"qmail-queue", "qmail-qmqpc"},
                                                         {"qmail-upgrade", "qmail-upgrade"}}));
}

}  // namespace
}  // namespace reqmail::upgrade
