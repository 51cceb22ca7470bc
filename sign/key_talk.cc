#include "sign/key_talk.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include "base/number.h"
#include "base/text.h"
#include "crypto/key_file.h"
#include "sys/descriptor_io.h"
#include "sys/fd.h"
#include "sys/packets.h"

namespace reqmail::sign {

namespace {

using auth822::Canonical;

// The first byte of a question.
constexpr char kOfDomain = 'd';
constexpr char kOfArc = 'a';

// The first packet of an answer: this and the number of offers that follow, or why there are
// none.
constexpr char kCount = 'n';
constexpr char kFailure = 'e';

// The parent does nothing that takes long.
constexpr std::chrono::seconds kPatience(60);

constexpr char kFieldEnd = '\0';
constexpr std::string_view kSimple = "simple";
constexpr std::string_view kRelaxed = "relaxed";

std::string text_of(const std::optional<std::uint64_t>& number) {
  return number ? base::decimal(*number) : std::string();
}

std::string_view text_of(Canonical form) {
  return form == Canonical::simple ? kSimple : kRelaxed;
}

Canonical form_of(std::string_view text) {
  return text == kSimple ? Canonical::simple : Canonical::relaxed;
}

Failure no_answer() {
  return temporary("the keys are not known");
}

Result<sys::Packet> next_answer(int socket) {
  if (!sys::wait_readable(socket, kPatience)) {
    return no_answer();
  }
  auto packet = sys::receive_packet(socket, kKeyAnswerMax);
  if (!packet || !*packet) {
    return no_answer();
  }
  return std::move(**packet);
}

// The key of an offer: from memory, else from the file that came with it.
Result<LoadedKey> take(KeyOffer offer, const sys::Fd& file, const KeyStore& store) {
  auto key = store.find(offer.number);
  if (key == nullptr) {
    if (!file.valid()) {
      return no_answer();
    }
    auto read = crypto::read_private_key(file.get(), offer.place.path);
    if (!read) {
      return read.error();
    }
    key = std::make_shared<const crypto::PrivateKey>(*std::move(read));
  }
  return LoadedKey{std::move(offer.place), std::move(key)};
}

// What goes into one answer.
struct Offer {
  KeyOffer key;
  sys::Fd file;
};

Result<std::vector<Offer>> offers_for(const KeyUse& use, const SignerSettings& settings,
                                      KeyStore& store, std::uint64_t of_child) {
  auto places = key_places(settings, use);
  if (!places) {
    return places.error();
  }
  std::vector<Offer> offers;
  for (SigningKey& place : *places) {
    const auto number = store.number_of(place.path);
    if (!number) {
      return number.error();
    }
    sys::Fd file;
    if (*number > of_child) {
      auto opened = crypto::open_key_file(place.path);
      if (!opened) {
        return opened.error();
      }
      file = *std::move(opened);
    }
    offers.push_back({{*number, std::move(place)}, std::move(file)});
  }
  return offers;
}

}  // namespace

std::string key_question(const KeyUse& use) {
  return use ? kOfDomain + *use : std::string(1, kOfArc);
}

std::optional<KeyUse> parse_key_question(std::string_view packet) {
  if (packet.starts_with(kOfDomain)) {
    return KeyUse(packet.substr(1));
  }
  if (packet != std::string_view(&kOfArc, 1)) {
    return std::nullopt;
  }
  return std::optional<KeyUse>(std::in_place, kArcKey);
}

std::string key_offer(const KeyOffer& offer) {
  const SignatureOptions& options = offer.place.options;
  std::string packet;
  for (const std::string& field :
       {base::decimal(offer.number), offer.place.path, offer.place.domain, offer.place.selector,
        std::string(text_of(options.header_form)), std::string(text_of(options.body_form)),
        options.identity.value_or(""), text_of(options.lifetime), text_of(options.end)}) {
    packet += field;
    packet += kFieldEnd;
  }
  return packet;
}

std::optional<KeyOffer> parse_key_offer(std::string_view packet) {
  constexpr std::size_t kFields = 9;
  const auto fields = base::split(packet, kFieldEnd);
  const auto number = base::parse_u64(fields[0]);
  // Nothing is behind the last end of a field.
  if (fields.size() != kFields + 1 || !fields[kFields].empty() || !number) {
    return std::nullopt;
  }
  KeyOffer offer;
  offer.number = *number;
  offer.place.path = fields[1];
  offer.place.domain = fields[2];
  offer.place.selector = fields[3];
  offer.place.options.header_form = form_of(fields[4]);
  offer.place.options.body_form = form_of(fields[5]);
  if (!fields[6].empty()) {
    offer.place.options.identity = fields[6];
  }
  offer.place.options.lifetime = base::parse_u64(fields[7]);
  offer.place.options.end = base::parse_u64(fields[8]);
  return offer;
}

Result<std::vector<LoadedKey>> ask_for_keys(int socket, const KeyUse& use,
                                            const KeyStore& store) {
  // write(2), since a confined child must not send descriptors.
  if (!sys::write_all(socket, key_question(use))) {
    return no_answer();
  }
  const auto first = next_answer(socket);
  if (!first) {
    return first.error();
  }
  const std::string_view text = std::string_view(first->bytes).substr(1);
  if (first->bytes.front() == kFailure) {
    return temporary(std::string(text));
  }
  const auto count = base::parse_u64(text);
  if (first->bytes.front() != kCount || !count) {
    return no_answer();
  }
  std::vector<LoadedKey> keys;
  while (keys.size() < *count) {
    const auto packet = next_answer(socket);
    auto offer = packet ? parse_key_offer(packet->bytes) : std::nullopt;
    if (!offer) {
      return no_answer();
    }
    auto key = take(*std::move(offer), packet->descriptor, store);
    if (!key) {
      return key.error();
    }
    keys.push_back(*std::move(key));
  }
  return keys;
}

bool answer_key_question(int socket, std::string_view packet, const SignerSettings& settings,
                         KeyStore& store, std::uint64_t of_child) {
  const auto use = parse_key_question(packet);
  if (!use) {
    return false;
  }
  const auto offers = offers_for(*use, settings, store, of_child);
  if (!offers) {
    return sys::send_packet(socket, kFailure + offers.error().text).has_value();
  }
  if (!sys::send_packet(socket, kCount + base::decimal(offers->size()))) {
    return false;
  }
  return std::all_of(offers->begin(), offers->end(), [socket](const Offer& offer) {
    return sys::send_packet(socket, key_offer(offer.key), offer.file.get()).has_value();
  });
}

}  // namespace reqmail::sign
