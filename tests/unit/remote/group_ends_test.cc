// What each recipient of a group gets: the report of a transaction of its own, or another try.
#include "remote/group_ends.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace reqmail::remote {
namespace {

using Kind = RecipientEnd::Kind;
using mail::Grade;

constexpr const char* kPeer = "192.0.2.1";

proto::SmtpEnding ending(proto::SmtpStage stage, Grade verdict, std::string reply) {
  proto::SmtpEnding made;
  made.stage = stage;
  made.verdict = verdict;
  made.reply = std::move(reply);
  return made;
}

// Accepted, refused, deferred.
SmtpTransactionResult three() {
  SmtpTransactionResult result;
  result.recipients = {{}, {Grade::permanent, "550 no\n"}, {Grade::temporary, "452 full\n"}};
  return result;
}

std::vector<std::string> texts(const SmtpTransactionResult& result, std::size_t count) {
  std::vector<std::string> found;
  for (const RecipientEnd& end : ends_of_group(result, count, kPeer)) {
    std::string text = end.report;
    std::replace(text.begin(), text.end(), '\0', '|');
    found.push_back(end.kind == Kind::later   ? "later"
                    : end.kind == Kind::alone ? "alone"
                                              : text);
  }
  return found;
}

const std::string kRefused =
    "h192.0.2.1 does not like recipient.\nRemote host said: 550 no\n|DGiving up on "
    "192.0.2.1.\n|";
const std::string kDeferred =
    "s192.0.2.1 does not like recipient.\nRemote host said: 452 full\n|DGiving up on "
    "192.0.2.1.\n|";

TEST(GroupEnds, TheMessageWasTaken) {
  SmtpTransactionResult result = three();
  result.ending = ending(proto::SmtpStage::message, Grade::success, "250 ok\n");
  EXPECT_EQ(texts(result, 3), (std::vector<std::string>{
                                  "r|K192.0.2.1 accepted message.\nRemote host said: 250 ok\n|",
                                  kRefused, "later"}));
}

TEST(GroupEnds, TheMessageWasRefused) {
  SmtpTransactionResult result = three();
  result.ending = ending(proto::SmtpStage::message, Grade::permanent, "554 no\n");
  EXPECT_EQ(texts(result, 3), (std::vector<std::string>{
                                  "r|D192.0.2.1 failed after I sent the message.\nRemote host "
                                  "said: 554 no\n|",
                                  kRefused, kDeferred}));
}

TEST(GroupEnds, TheSenderWasRefused) {
  SmtpTransactionResult result;
  result.ending = ending(proto::SmtpStage::sender, Grade::permanent, "550 you\n");
  const std::string text =
      "DConnected to 192.0.2.1 but sender was rejected.\nRemote host said: 550 you\n|";
  EXPECT_EQ(texts(result, 2), (std::vector<std::string>{text, text}));
}

TEST(GroupEnds, NobodyWasAccepted) {
  SmtpTransactionResult result = three();
  result.recipients.erase(result.recipients.begin());
  result.ending = ending(proto::SmtpStage::recipients, Grade::permanent, "");
  EXPECT_EQ(texts(result, 2), (std::vector<std::string>{kRefused, kDeferred}));
}

TEST(GroupEnds, TheConnectionBrokeBeforeTheEndOfTheMessage) {
  EXPECT_EQ(texts(three(), 4), (std::vector<std::string>{"alone", kRefused, "alone", "alone"}));
}

TEST(GroupEnds, TheConnectionBrokeBehindTheMessage) {
  SmtpTransactionResult result = three();
  result.possible_duplicate = true;
  EXPECT_EQ(texts(result, 3),
            (std::vector<std::string>{"r|ZConnected to 192.0.2.1 but connection died. Possible "
                                      "duplicate! (#4.4.2)\n|",
                                      kRefused, kDeferred}));
}

TEST(GroupEnds, AFailureOfThisHost) {
  SmtpTransactionResult result = three();
  result.failure = temporary("Unable to read message. (#4.3.0)");
  EXPECT_EQ(texts(result, 3),
            (std::vector<std::string>{"r|ZUnable to read message. (#4.3.0)\n|", kRefused,
                                      kDeferred}));
}

}  // namespace
}  // namespace reqmail::remote
