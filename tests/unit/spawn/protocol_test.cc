// Orders that come in pieces of every size, and the reasons to refuse them.
#include "spawn/protocol.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "mail/verdict_codec.h"

namespace reqmail::spawn {
namespace {

using namespace std::string_literals;

std::vector<Order> read_all_orders(const std::string& bytes, std::size_t piece) {
  OrderReader reader;
  std::vector<Order> orders;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    std::string_view input = std::string_view(bytes).substr(at, piece);
    while (!input.empty()) {
      if (auto order = reader.take(input)) {
        orders.push_back(*order);
      }
    }
  }
  return orders;
}

TEST(OrderReader, CutsDoNotMatter) {
  const std::string bytes =
      "\0"s + "1/24\0s@a\0r@b\0"s + "\xff"s + "2/25\0\0r@c\0"s + "\7"s + "x\0y"s;
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    const auto orders = read_all_orders(bytes, piece);
    ASSERT_EQ(orders.size(), 2U) << piece;
    EXPECT_EQ(orders[0].slot, 0U);
    EXPECT_EQ(orders[0].message, "1/24");
    EXPECT_EQ(orders[0].sender, "s@a");
    EXPECT_EQ(orders[0].recipient, "r@b");
    EXPECT_EQ(orders[1].slot, 255U);
    EXPECT_EQ(orders[1].message, "2/25");
    EXPECT_EQ(orders[1].sender, "");
    EXPECT_EQ(orders[1].recipient, "r@c");
  }
}

std::string refusal_report(const Order& order, unsigned slots, bool busy) {
  const auto refused = refusal(order, slots, busy);
  return refused ? mail::report(*refused) : "none";
}

TEST(OrderReader, FieldsWithoutEndTakeNoMoreThanTheirRoom) {
  const std::string bytes = "\1"s + "1/24\0"s + std::string(3 * kFieldMax, 's') + "\0r@b\0"s +
                            "\2"s + "1/24\0s\0r@b\0"s;
  for (const std::size_t piece : {std::size_t{1000}, bytes.size()}) {
    const auto orders = read_all_orders(bytes, piece);
    ASSERT_EQ(orders.size(), 2U);
    EXPECT_TRUE(orders[0].overlong);
    EXPECT_EQ(orders[0].sender.size(), kFieldMax);
    EXPECT_EQ(refusal_report(orders[0], 120, false), "Zqmail-spawn out of memory. (#4.3.0)\n");
    // The order after it is parsed as usual.
    EXPECT_FALSE(orders[1].overlong);
    EXPECT_FALSE(refusal(orders[1], 120, false));
  }
}

TEST(OrderReader, AFieldAsLongAsItsRoomIsWhole) {
  const auto orders =
      read_all_orders("\1"s + "1/24\0"s + std::string(kFieldMax, 's') + "\0r@b\0"s, 4096);
  ASSERT_EQ(orders.size(), 1U);
  EXPECT_FALSE(orders[0].overlong);
}

Order order_for(std::string message, std::string recipient = "r@b", unsigned slot = 5) {
  return Order{slot, std::move(message), "s@a", std::move(recipient), false};
}

TEST(Refusal, OrdersThatMayBegin) {
  for (const char* name : {"1", "0/23", "22/4294967295", "1/2/3", "7/"}) {
    EXPECT_FALSE(refusal(order_for(name), 120, false)) << name;
  }
  EXPECT_FALSE(refusal(order_for(std::string(kMessageNameMax, '1')), 120, false));
  EXPECT_FALSE(refusal(order_for("1", "@"), 120, false));
  EXPECT_FALSE(refusal(order_for("1", "r@b", 254), 255, false));
}

TEST(Refusal, Texts) {
  EXPECT_EQ(refusal_report(order_for("1", "r@b", 120), 120, false),
            "ZInternal error: delnum too big. (#4.3.5)\n");
  EXPECT_EQ(refusal_report(order_for("1"), 120, true),
            "ZInternal error: delnum in use. (#4.3.5)\n");
  for (const char* name : {"/1", "../1", "1/x", "-1", "1 ", "0x1", "1\n"}) {
    EXPECT_EQ(refusal_report(order_for(name), 120, false),
              "DInternal error: messid has nonnumerics. (#5.3.5)\n")
        << name;
  }
  EXPECT_EQ(refusal_report(order_for(std::string(kMessageNameMax + 1, '1')), 120, false),
            "DInternal error: messid too long. (#5.3.5)\n");
  EXPECT_EQ(refusal_report(order_for(""), 120, false),
            "DInternal error: messid too short. (#5.3.5)\n");
  for (const char* recipient : {"", "bob"}) {
    EXPECT_EQ(refusal_report(order_for("1", recipient), 120, false),
              "DSorry, address must include host name. (#5.1.3)\n");
  }
}

TEST(Refusal, TheSlotIsLookedAtFirst) {
  EXPECT_EQ(refusal_report(order_for("x", "bob", 120), 120, false),
            "ZInternal error: delnum too big. (#4.3.5)\n");
  EXPECT_EQ(refusal_report(order_for("x", "bob"), 120, true),
            "ZInternal error: delnum in use. (#4.3.5)\n");
}

TEST(FrameReport, EndsAtItsFirstNul) {
  EXPECT_EQ(frame_report(200, "Kok\n"), "\xc8Kok\n\0"s);
  EXPECT_EQ(frame_report(0, "Zone\0\1Ktwo"s), "\0Zone\0"s);
  EXPECT_EQ(frame_report(0, ""), "\0\0"s);
}

TEST(Recipient, IsSplitAtItsLastAt) {
  const Order order = order_for("1", "a@b@c");
  EXPECT_EQ(local_part(order), "a@b");
  EXPECT_EQ(domain(order), "c");
  EXPECT_EQ(domain(order_for("1", "a@")), "");
  EXPECT_EQ(local_part(order_for("1", "@b")), "");
}

}  // namespace
}  // namespace reqmail::spawn
