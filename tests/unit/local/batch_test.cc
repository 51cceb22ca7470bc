// Deliveries made together: each must end as it would alone.
#include "local/batch.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "tests/unit/local/support.h"

namespace reqmail::local {
namespace {

class BatchTest : public ::testing::Test {
 protected:
  void SetUp() override {
    make_maildir("M");
    make_maildir("N");
  }

  void add(const std::string& ext, const std::string& content = "a: b\n\nbody\n") {
    Request request;
    request.user = "joe";
    request.home = home_.path();
    request.local = ext.empty() ? "joe" : "joe-" + ext;
    request.dash = ext.empty() ? "" : "-";
    request.ext = ext;
    request.host = "h.example";
    request.sender = "s@a.example";
    request.default_instructions = "./M/";
    items_.push_back({std::move(request), message_with(content)});
  }

  // "declined", or the code and the output.
  std::vector<std::string> deliver() {
    std::vector<std::string> shown;
    for (const BatchResult& result : deliver_batch(items_, sequence_, together_)) {
      shown.push_back(result.declined ? "declined"
                                      : std::to_string(result.code) + " " + result.output);
    }
    items_.clear();
    return shown;
  }

  static std::multiset<std::string> contents(const std::string& directory) {
    std::multiset<std::string> all;
    for (const std::string& name : names_in(directory)) {
      all.insert(content_of(directory + "/" + name));
    }
    return all;
  }

  using Shown = std::vector<std::string>;
  const TemporaryHome home_;
  std::vector<BatchItem> items_;
  unsigned sequence_ = 0;
  sys::Together together_{4};
};

constexpr char kDone[] = "0 did 1+0+0\n";

TEST_F(BatchTest, AllArriveUnderNamesOfTheirOwn) {
  for (int count = 0; count < 20; ++count) {
    add("", "n: " + std::to_string(count) + "\n\n");
  }
  EXPECT_EQ(deliver(), Shown(20, kDone));
  EXPECT_EQ(sequence_, 20U);
  EXPECT_EQ(names_in("M/new").size(), 20U);
  EXPECT_TRUE(names_in("M/tmp").empty());
  EXPECT_EQ(contents("M/new").count("Return-Path: <s@a.example>\nDelivered-To: joe@h.example\n"
                                    "n: 7\n\n"),
            1U);
  add("");
  EXPECT_EQ(deliver(), Shown{kDone});
  EXPECT_EQ(names_in("M/new").size(), 21U);
}

TEST_F(BatchTest, SeveralMaildirs) {
  put_file(".qmail-n", "./N/\n");
  put_file(".qmail-none", "./none/\n");
  add("n");
  add("");
  add("none");
  add("n");
  EXPECT_EQ(deliver(),
            (Shown{kDone, kDone, "111 Unable to chdir to maildir. (#4.2.1)\n", kDone}));
  EXPECT_EQ(names_in("N/new").size(), 2U);
  EXPECT_EQ(names_in("M/new").size(), 1U);
}

TEST_F(BatchTest, OtherInstructionsAreDeclinedBeforeAnythingIsDone) {
  put_file(".qmail-mbox", "./Mailbox\n");
  put_file(".qmail-two", "./M/\n./N/\n");
  put_file(".qmail-program", "|touch program-ran\n");
  put_file(".qmail-both", "./M/\n|touch program-ran\n");
  put_file(".qmail-forward", "&a@b\n");
  put_file(".qmail-nothing", "# nothing\n");
  put_file(".qmail-x", "./M/\n", 0700);
  put_file(".qmail-list", "+list\n./M/\n");
  for (const char* ext :
       {"mbox", "two", "program", "both", "forward", "nothing", "x", "list"}) {
    add(ext);
  }
  EXPECT_EQ(deliver(), Shown(8, "declined"));
  EXPECT_TRUE(names_in("M/new").empty());
  EXPECT_EQ(content_of("program-ran"), "<none>");
  EXPECT_EQ(content_of("Mailbox"), "<none>");
}

TEST_F(BatchTest, WhatFailsForOneFailsForItAlone) {
  put_file(".qmail-w", "./M/\n", 0606);
  add("", "Delivered-To: joe@h.example\n\n");
  add("no-such");
  add("w");
  add("");
  EXPECT_EQ(
      deliver(),
      (Shown{"100 This message is looping: it already has my Delivered-To line. (#5.4.6)\n",
             "100 Sorry, no mailbox here by that name. (#5.1.1)\n",
             "111 Uh-oh: .qmail file is writable. (#4.7.0)\n", kDone}));
  EXPECT_EQ(names_in("M/new").size(), 1U);
}

TEST_F(BatchTest, WithoutNewNothingStays) {
  ASSERT_EQ(::rmdir("M/new"), 0);
  put_file(".qmail-n", "./N/\n");
  add("");
  add("n");
  add("");
  const std::string trouble = "111 Temporary error on maildir delivery. (#4.3.0)\n";
  EXPECT_EQ(deliver(), (Shown{trouble, kDone, trouble}));
  EXPECT_TRUE(names_in("M/tmp").empty());
}

TEST_F(BatchTest, AHomeThatIsBeingEdited) {
  ASSERT_EQ(::chmod(".", 01700), 0);
  add("");
  EXPECT_EQ(deliver(),
            Shown{"111 Home directory is sticky: user is editing his .qmail file. (#4.2.1)\n"});
  ASSERT_EQ(::chmod(".", 0700), 0);
  EXPECT_EQ(deliver(), Shown{});
}

}  // namespace
}  // namespace reqmail::local
