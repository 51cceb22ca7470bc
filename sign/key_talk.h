// How the child of a qmail-sign that stays, which can open no files and has read bytes of
// strangers, gets its keys: it asks for those of one use, and its parent names them. Keys that
// the parent has read before it forked are in the child's memory; of others it gets the file,
// open. All this goes over a pair of sockets for packets (sys/packets.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sign/find_keys.h"
#include "sign/key_store.h"

namespace reqmail::sign {

// The longest packets.
inline constexpr std::size_t kKeyQuestionMax = 1024;
inline constexpr std::size_t kKeyAnswerMax = std::size_t{64} << 10;

std::string key_question(const KeyUse& use);

// Returns nullopt if the packet is no question.
std::optional<KeyUse> parse_key_question(std::string_view packet);

// A key as the parent names it: its number in the parent's KeyStore, and what it signs.
struct KeyOffer {
  std::uint64_t number = 0;
  SigningKey place;

  friend bool operator==(const KeyOffer&, const KeyOffer&) = default;
};

std::string key_offer(const KeyOffer& offer);
std::optional<KeyOffer> parse_key_offer(std::string_view packet);

// In the child: asks and waits for the answer. `store` is the child's copy of the KeyStore.
Result<std::vector<LoadedKey>> ask_for_keys(int socket, const KeyUse& use,
                                            const KeyStore& store);

// In the parent: answers a question. `of_child` is the KeyStore's newest number when the child
// was forked: it has no newer key. Returns false if the packet is no question, or if the answer
// cannot be sent.
bool answer_key_question(int socket, std::string_view packet, const SignerSettings& settings,
                         KeyStore& store, std::uint64_t of_child);

}  // namespace reqmail::sign
