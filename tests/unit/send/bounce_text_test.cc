// The bytes of a bounce, made from its order.
#include "send/bounce_text.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "tests/unit/support/crash_files.h"
#include "tests/unit/support/unreadable_file.h"

namespace reqmail::send {
namespace {

using namespace std::string_literals;
using reqmail::testing::CrashFiles;
using reqmail::testing::DiskState;
using reqmail::testing::UnreadableFile;

class Text : public ::testing::Test {
 protected:
  BounceOrder order(const std::string& message) {
    files_ = std::make_unique<CrashFiles>(
        DiskState{{"bounce/7", "<r@x>:\nno\n\n"}, {"mess/7/7", message}});
    scheduler::BounceMail mail;
    mail.envelope_sender = "#@[]";
    mail.envelope_recipient = "s@h";
    mail.head = "head\n";
    mail.tail = "tail\n";
    return {mail::MessageId(7), std::move(mail), *files_->open_read("bounce/7"),
            *files_->open_read("mess/7/7")};
  }

  std::unique_ptr<CrashFiles> files_;
};

TEST_F(Text, MessageThenEnvelopeThenNothing) {
  const std::string long_message(300'000, 'm');
  for (const std::string& message : {"Subject: x\n\ny\n"s, ""s, long_message}) {
    BounceText text(order(message));
    EXPECT_EQ(text.id(), mail::MessageId(7));
    EXPECT_FALSE(text.is_notice());
    std::string all;
    std::string bytes;
    BounceText::Part part = text.next(bytes);
    for (; part == BounceText::Part::message; part = text.next(bytes)) {
      EXPECT_FALSE(bytes.empty());
      all += bytes;
    }
    EXPECT_EQ(all, "head\n<r@x>:\nno\n\ntail\n" + message);
    EXPECT_EQ(part, BounceText::Part::envelope);
    EXPECT_EQ(bytes, "F#@[]\0Ts@h\0\0"s);
    EXPECT_EQ(text.next(bytes), BounceText::Part::end);
    EXPECT_EQ(text.next(bytes), BounceText::Part::end);
    EXPECT_TRUE(bytes.empty());
  }
}

TEST_F(Text, AReportOnOthersHasNoParagraphs) {
  BounceOrder notice = order("x\n");
  notice.paragraphs.reset();
  BounceText text(std::move(notice));
  EXPECT_TRUE(text.is_notice());
  std::string bytes;
  EXPECT_EQ(text.next(bytes), BounceText::Part::message);
  EXPECT_EQ(bytes, "head\ntail\nx\n");
}

TEST_F(Text, AFileThatCannotBeReadSpoilsIt) {
  for (const bool early : {true, false}) {
    BounceOrder damaged = order(std::string(100'000, 'm'));
    (early ? damaged.paragraphs : damaged.message) = std::make_unique<UnreadableFile>();
    BounceText text(std::move(damaged));
    std::string bytes;
    EXPECT_EQ(text.next(bytes), BounceText::Part::unreadable);
    EXPECT_TRUE(bytes.empty());
    EXPECT_EQ(text.next(bytes), BounceText::Part::unreadable);
  }
}

}  // namespace
}  // namespace reqmail::send
