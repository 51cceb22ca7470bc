#include "remote/address_slots.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <string>

#include "sys/secrets.h"

namespace reqmail::remote {
namespace {

base::IpAddress address(std::string_view text) {
  return *base::IpAddress::parse(text);
}

// Another process that has a claim.
class Other {
 public:
  // `program` is what the process executes while it has its claim, so that only the table stays
  // open in it.
  Other(int table, const base::IpAddress& address, const char* program = nullptr) {
    std::array<int, 2> order = {};
    std::array<int, 2> answer = {};
    EXPECT_EQ(::pipe(order.data()), 0);
    EXPECT_EQ(::pipe(answer.data()), 0);
    child_ = ::fork();
    if (child_ == 0) {
      auto slots = AddressSlots::inherited(table);
      const char claimed = slots && slots->claim(address) ? 'y' : 'n';
      ::close(order[1]);
      if (program != nullptr) {
        sys::set_close_on_exec(table, false);
        sys::set_close_on_exec(answer[1], true);
        ::execl(program, program, "60", nullptr);
        ::_exit(1);
      }
      char byte = claimed;
      (void)!::write(answer[1], &byte, 1);
      (void)!::read(order[0], &byte, 1);
      slots->give_back();
      ::_exit(0);
    }
    ::close(order[0]);
    ::close(answer[1]);
    order_ = sys::Fd(order[1]);
    char byte = 'y';
    // This reads end of file if the process has executed another program.
    (void)!::read(answer[0], &byte, 1);
    ::close(answer[0]);
    claimed_ = byte == 'y';
  }

  Other(const Other&) = delete;
  Other& operator=(const Other&) = delete;
  Other(Other&&) = delete;
  Other& operator=(Other&&) = delete;

  ~Other() { kill(); }

  [[nodiscard]] bool claimed() const { return claimed_; }

  // Kills the process, which cannot give its claim back.
  void kill() {
    if (child_ > 0) {
      ::kill(child_, SIGKILL);
      wait();
    }
  }

  // Makes the process give its claim back and end.
  void finish() {
    order_.close();
    wait();
  }

 private:
  void wait() {
    ::waitpid(child_, nullptr, 0);
    child_ = -1;
  }

  pid_t child_ = -1;
  sys::Fd order_;
  bool claimed_ = false;
};

struct Table {
  explicit Table(unsigned limit)
      : file(std::move(*AddressSlots::make(limit))),
        slots(*AddressSlots::inherited(file.get())) {}

  sys::Fd file;
  AddressSlots slots;
};

const base::IpAddress kOne = address("192.0.2.1");
const base::IpAddress kTwo = address("192.0.2.2");

TEST(AddressSlots, AnAddressHasItsShareAndNoMore) {
  Table table(2);
  const Other first(table.file.get(), kOne);
  Other second(table.file.get(), kOne);
  EXPECT_TRUE(first.claimed() && second.claimed());
  EXPECT_FALSE(Other(table.file.get(), kOne).claimed());
  EXPECT_FALSE(table.slots.claim(kOne));
  EXPECT_TRUE(table.slots.claim(kTwo));
  second.kill();
  EXPECT_TRUE(table.slots.claim(kOne));
  // This process takes the place of the one before it.
  const Other third(table.file.get(), kTwo);
  EXPECT_TRUE(third.claimed());
  EXPECT_TRUE(Other(table.file.get(), kTwo).claimed());
  EXPECT_FALSE(Other(table.file.get(), kOne).claimed());
  table.slots.give_back();
  EXPECT_TRUE(Other(table.file.get(), kOne).claimed());
}

TEST(AddressSlots, OnlyWhatWasGivenBackSaysThatAnAddressMoves) {
  Table table(1);
  Other killed(table.file.get(), kOne);
  killed.kill();
  EXPECT_FALSE(table.slots.moves(kOne));
  Other proper(table.file.get(), kOne);
  EXPECT_FALSE(table.slots.moves(kOne));
  proper.finish();
  EXPECT_TRUE(table.slots.moves(kOne));
  EXPECT_FALSE(table.slots.moves(kTwo));
}

TEST(AddressSlots, AClaimStaysWithAProcessThatBecomesAnotherProgram) {
  Table table(1);
  Other other(table.file.get(), kOne, "/bin/sleep");
  EXPECT_FALSE(table.slots.claim(kOne));
  other.kill();
  EXPECT_TRUE(table.slots.claim(kOne));
  // The next program of this process knows of the claim.
  AddressSlots again = *AddressSlots::inherited(table.file.get());
  EXPECT_FALSE(Other(table.file.get(), kOne).claimed());
  again.give_back();
  EXPECT_TRUE(Other(table.file.get(), kOne).claimed());
}

TEST(AddressSlots, Ipv6AddressesOfOneNetworkAreOne) {
  Table table(1);
  const Other other(table.file.get(), address("2001:db8::1"));
  EXPECT_FALSE(table.slots.claim(address("2001:db8::ffff:2")));
  EXPECT_TRUE(table.slots.claim(address("2001:db8:0:1::1")));
  EXPECT_TRUE(table.slots.claim(kOne));
  // The address is the same if it is mapped into IPv6.
  const Other mapped(table.file.get(), address("::ffff:192.0.2.2"));
  EXPECT_FALSE(table.slots.claim(kTwo));
}

TEST(AddressSlots, TheTableNeverFillsUp) {
  Table table(1);
  for (unsigned i = 0; i < 3 * kAddressSlotEntries; ++i) {
    const base::IpAddress one(base::IpAddress::V4{10, 0, static_cast<std::uint8_t>(i >> 8),
                                                  static_cast<std::uint8_t>(i & 0xff)});
    ASSERT_TRUE(table.slots.claim(one));
    ASSERT_FALSE(i % 100 == 0 && Other(table.file.get(), one).claimed()) << i;
  }
}

TEST(AddressSlots, NothingElseIsTakenForATable) {
  EXPECT_FALSE(AddressSlots::inherited(-1));
  EXPECT_FALSE(AddressSlots::inherited(999));
  EXPECT_FALSE(AddressSlots::inherited(STDIN_FILENO));
  const auto small = sys::make_secret_file("reqmailslots");
  EXPECT_FALSE(AddressSlots::inherited(small->get()));
  Table table(1);
  const auto zeros = sys::make_secret_file(
      std::string(static_cast<std::size_t>(::lseek(table.file.get(), 0, SEEK_END)), '\0'));
  EXPECT_FALSE(AddressSlots::inherited(zeros->get()));
}

}  // namespace
}  // namespace reqmail::remote
