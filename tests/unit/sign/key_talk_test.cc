// The keys of a process that stays: what it keeps, and how its children get it.
#include "sign/key_talk.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <thread>

#include "crypto/key_file.h"
#include "sign/find_keys.h"
#include "sign/key_store.h"
#include "sys/packets.h"
#include "tests/unit/support/temporary_home.h"

namespace reqmail::sign {
namespace {

const std::string kPath = "control/domainkeys/d.example/default";

std::string put_key(const std::string& path) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  const auto made = crypto::PrivateKey::generate(crypto::KeyKind::ed25519, 0);
  testing::put_file(path, made->pem());
  return made->public_bytes();
}

TEST(KeyStore, ReadsAFileAgainWhenItHasChanged) {
  const testing::TemporaryHome home;
  KeyStore store;
  EXPECT_EQ(store.number_of(kPath).error().text, kPath + ": file does not exist");
  const std::string first = put_key(kPath);
  const auto number = store.number_of(kPath);
  ASSERT_TRUE(number);
  EXPECT_EQ(store.find(*number)->public_bytes(), first);
  for (unsigned uses = 0; uses < 2 * KeyStore::kUsesMax; ++uses) {
    EXPECT_EQ(*store.number_of(kPath), *number);
  }
  const std::string second = put_key(kPath);
  const auto newer = store.number_of(kPath);
  ASSERT_TRUE(newer);
  EXPECT_GT(*newer, *number);
  EXPECT_EQ(store.newest(), *newer);
  EXPECT_EQ(store.find(*newer)->public_bytes(), second);
  EXPECT_EQ(store.find(*number), nullptr);
  // What strangers can read is not used any more.
  ASSERT_EQ(::chmod(kPath.c_str(), 0644), 0);
  EXPECT_EQ(store.number_of(kPath).error().text, kPath + ": every user can read or change it");
}

TEST(KeyTalk, QuestionsThereAndBack) {
  EXPECT_EQ(parse_key_question(key_question("d.example")), KeyUse("d.example"));
  const auto arc = parse_key_question(key_question(kArcKey));
  ASSERT_TRUE(arc);
  EXPECT_EQ(*arc, std::nullopt);
  EXPECT_FALSE(parse_key_question(""));
  EXPECT_FALSE(parse_key_question("ax"));
  EXPECT_FALSE(parse_key_question("x"));
}

TEST(KeyTalk, OffersThereAndBack) {
  KeyOffer offer = {7, {"k/a", "d.example", "a", {}}};
  EXPECT_EQ(parse_key_offer(key_offer(offer)), offer);
  offer.place.options = {auth822::Canonical::simple, auth822::Canonical::relaxed, "@d.example",
                         60, 1796039257};
  EXPECT_EQ(parse_key_offer(key_offer(offer)), offer);
  offer.place.options.body_form = auth822::Canonical::simple;
  EXPECT_EQ(parse_key_offer(key_offer(offer)), offer);
  const std::string whole = key_offer(offer);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(parse_key_offer(whole.substr(0, size))) << size;
  }
  EXPECT_FALSE(parse_key_offer(whole + "x"));
}

class KeyConversation : public ::testing::Test {
 protected:
  // Asks with a copy of the store as it was when its newest number was `of_child`.
  Result<std::vector<LoadedKey>> ask(const KeyUse& use, const KeyStore& copy) {
    auto pair = sys::make_packet_pair();
    std::thread parent([&] {
      const auto packet = wait_for_packet(pair->other.get());
      EXPECT_TRUE(
          answer_key_question(pair->other.get(), packet, settings_, store_, copy.newest()));
    });
    auto keys = ask_for_keys(pair->one.get(), use, copy);
    parent.join();
    return keys;
  }

  static std::string wait_for_packet(int socket) {
    for (;;) {
      auto packet = sys::receive_packet(socket, kKeyQuestionMax);
      if (packet) {
        return (*packet)->bytes;
      }
      ::usleep(1000);
    }
  }

  testing::TemporaryHome home_;
  SignerSettings settings_;
  KeyStore store_;
};

TEST_F(KeyConversation, FromTheFileAndFromMemory) {
  const std::string made = put_key(kPath);
  const auto from_file = ask("D.example", KeyStore());
  ASSERT_TRUE(from_file);
  ASSERT_EQ(from_file->size(), 1U);
  EXPECT_EQ((*from_file)[0].where, (SigningKey{kPath, "d.example", "default", {}}));
  EXPECT_EQ((*from_file)[0].key->public_bytes(), made);
  const KeyStore copy = store_;
  const auto from_memory = ask("d.example", copy);
  ASSERT_TRUE(from_memory);
  EXPECT_EQ((*from_memory)[0].key, copy.find(1));
}

TEST_F(KeyConversation, NoKeysAndFailures) {
  const auto none = ask("d.example", store_);
  ASSERT_TRUE(none);
  EXPECT_TRUE(none->empty());
  EXPECT_TRUE(ask("../x", store_)->empty());
  EXPECT_TRUE(ask(kArcKey, store_)->empty());
  put_key(kPath);
  testing::put_file(kPath, "no key\n");
  EXPECT_EQ(ask("d.example", store_).error().text,
            kPath + ": no private key in PEM of RSA or Ed25519 without a password");
}

TEST_F(KeyConversation, TheArcKey) {
  put_key("k/seal");
  std::vector<base::BadLine> bad;
  settings_.arcseal = read_arcseal({"d.example:k/seal"}, bad);
  const auto keys = ask(kArcKey, store_);
  ASSERT_TRUE(keys);
  ASSERT_EQ(keys->size(), 1U);
  EXPECT_EQ((*keys)[0].where.selector, "seal");
}

TEST_F(KeyConversation, AParentThatEnds) {
  auto pair = sys::make_packet_pair();
  pair->other.close();
  EXPECT_EQ(ask_for_keys(pair->one.get(), "d.example", store_).error().text,
            "the keys are not known");
}

TEST_F(KeyConversation, NonsenseIsNotAnswered) {
  const auto pair = sys::make_packet_pair();
  EXPECT_FALSE(answer_key_question(pair->one.get(), "x", settings_, store_, 0));
}

}  // namespace
}  // namespace reqmail::sign
