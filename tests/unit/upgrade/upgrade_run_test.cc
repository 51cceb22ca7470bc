#include "upgrade/upgrade_run.h"

#include <gtest/gtest.h>
#include <stdio.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <string>

#include "sys/stream.h"
#include "tests/unit/support/scratch.h"
#include "upgrade/apply.h"
#include "upgrade/mini_proof.h"
#include "upgrade/progress.h"
#include "upgrade/proof.h"
#include "upgrade/tls_proof.h"
#include "upgrade/verify.h"

namespace reqmail::upgrade {
namespace {

using tests::Scratch;

// Collects the messages of the progress.
class Told {
 public:
  Told() : out_(file_.fd()), say(out_) {}

  std::string text() {
    (void)out_.flush();
    return file_.text();
  }

 private:
  class File {
   public:
    File() : file_(std::tmpfile()) {}

    ~File() { std::fclose(file_); }

    [[nodiscard]] int fd() const { return ::fileno(file_); }

    std::string text() {
      std::rewind(file_);
      std::string text(4096, 0);
      text.resize(std::fread(text.data(), 1, text.size(), file_));
      return text;
    }

   private:
    std::FILE* file_;
  };

  File file_;
  sys::Writer out_;

 public:
  Progress say;
};

TEST(Progress, TellsALineAtATime) {
  Told told;
  told.say({"a", "b"});
  told.say({"c"});
  EXPECT_EQ(told.text(), "ab\nc\n");
}

TEST(UpgradeRun, ATryThatIsDiscardedLeavesNothing) {
  const Scratch home;
  home.put("bin/qmail-inject", "old");
  Told told;
  auto journal = Journal::open(home(""));
  ASSERT_TRUE(journal);
  const NewFile file{{Phase::injectors, true, home("bin/qmail-inject")},
                     "",
                     "new",
                     {::getuid(), ::getgid(), 0755}};
  Record record;
  record.time = "now";
  record.puts = {file.put};
  ASSERT_TRUE(journal->begin(record));
  UpgradeRun run(home(""), *journal, told.say);
  ASSERT_TRUE(run.prepare({{file}, {}}));
  EXPECT_TRUE(home.has("bin.old.now/qmail-inject"));
  EXPECT_EQ(home.get("bin/qmail-inject"), "old");
  ASSERT_TRUE(run.discard());
  EXPECT_FALSE(home.has("bin.old.now"));
  EXPECT_FALSE(home.has("upgrade/journal"));
  EXPECT_EQ(way_back("/q"), "/q/bin/qmail-upgrade --home=/q rollback");
}

TEST(UpgradeRun, OfAMiniHostThereAndBack) {
  const Scratch home;
  home.put("bin/qmail-inject", "#!/bin/sh\necho From: old\n");
  home.put("bin/qmail-qmqpc", "client");
  std::filesystem::create_symlink("qmail-qmqpc", home("bin/qmail-queue"));
  Told told;
  auto journal = Journal::open(home(""));
  ASSERT_TRUE(journal);
  const NewFile file{{Phase::injectors, true, home("bin/qmail-inject")},
                     "",
                     "#!/bin/sh\necho From: new\n",
                     {::getuid(), ::getgid(), 0755}};
  Record record;
  record.time = "now";
  record.mini = true;
  record.puts = {file.put};
  ASSERT_TRUE(journal->begin(record));
  UpgradeRun run(home(""), *journal, told.say);
  ASSERT_TRUE(run.prepare({{file}, {}}));
  const auto ended = run.finish();
  ASSERT_TRUE(ended);
  EXPECT_EQ(*ended, Ending::proved);
  EXPECT_EQ(journal->record().step, Step::applied);
  EXPECT_EQ(home.get("bin/qmail-inject"), "#!/bin/sh\necho From: new\n");
  std::filesystem::permissions(home("bin.old.now/qmail-inject"), std::filesystem::perms(0755));
  ASSERT_TRUE(run.undo());
  EXPECT_EQ(journal->record().step, Step::undone);
  EXPECT_EQ(home.get("bin/qmail-inject"), "#!/bin/sh\necho From: old\n");
}

TEST(MiniProof, NeedsTheClientAndAMessage) {
  const Scratch home;
  home.put("bin/qmail-qmqpc", "client");
  EXPECT_FALSE(prove_mini_host(home("")));
  std::filesystem::create_symlink("qmail-qmqpc", home("bin/qmail-queue"));
  EXPECT_FALSE(prove_mini_host(home("")));
  home.put("bin/qmail-inject", "#!/bin/sh\necho From: me\n");
  std::filesystem::permissions(home("bin/qmail-inject"), std::filesystem::perms(0755));
  EXPECT_TRUE(prove_mini_host(home("")));
}

TEST(Apply, NeedsAHomeAndRoot) {
  const Scratch home;
  survey::Request request;
  request.home = home("");
  Told told;
  sys::Writer out(STDOUT_FILENO);
  EXPECT_EQ(apply(request, out), 111);
  EXPECT_EQ(rollback(request, out), 111);
  EXPECT_FALSE(home.has("upgrade"));
}

TEST(Verify, ALocalNameIsNeeded) {
  const Scratch home;
  EXPECT_FALSE(has_local_host(home("")));
  home.put("control/me", "host.example.org\n");
  EXPECT_TRUE(has_local_host(home("")));
  home.put("control/locals", "# none\n");
  EXPECT_FALSE(has_local_host(home("")));
}

TEST(TlsProof, WithoutACertificateThereIsNothingToProve) {
  const Scratch home;
  const legacy::RunsAs nobody{"no-such-account", {}, false};
  EXPECT_TRUE(prove_tls(home(""), {nobody}).empty());
  home.put("control/servercert.pem", "");
  const auto proofs = prove_tls(home(""), {nobody});
  ASSERT_EQ(proofs.size(), 1U);
  EXPECT_EQ(proofs[0].trouble, "there is no such account");
}

}  // namespace
}  // namespace reqmail::upgrade
