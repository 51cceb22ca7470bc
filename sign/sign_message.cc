#include "sign/sign_message.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "auth822/arc_sealer.h"
#include "auth822/dkim_signer.h"
#include "auth822/origin.h"
#include "base/text.h"
#include "crypto/private_key.h"
#include "mail/sent_text.h"
#include "sign/author_domain.h"
#include "sign/body_hash.h"
#include "sign/message_source.h"

namespace reqmail::sign {

namespace {

using crypto::KeyKind;

// The message in two steps: its header, then the rest.
class MessageReader {
 public:
  explicit MessageReader(int message) : source_(message) {}

  Result<auth822::MessageHeader> read_header() {
    while (!cutter_.in_body() && !ended_) {
      const auto piece = next();
      if (!piece) {
        return piece.error();
      }
      body_start_ = cutter_.take(*piece);
    }
    return auth822::MessageHeader(cutter_.header());
  }

  [[nodiscard]] bool header_too_long() const { return cutter_.too_long(); }

  Result<void> read_body(const std::function<void(std::string_view)>& take) {
    take(body_start_);
    while (!ended_) {
      const auto piece = next();
      if (!piece) {
        return piece.error();
      }
      take(*piece);
    }
    return {};
  }

 private:
  Result<std::string_view> next() {
    const auto piece = source_.next();
    if (!piece) {
      return piece.error();
    }
    ended_ = piece->empty();
    return ended_ ? sent_.finish() : sent_.next(*piece);
  }

  MessageSource source_;
  mail::SentText sent_;
  auth822::HeaderCutter cutter_;
  std::string body_start_;
  bool ended_ = false;
};

// Verifiers that know only RSA look at the first signatures.
void put_rsa_first(std::vector<LoadedKey>& keys) {
  std::stable_partition(keys.begin(), keys.end(),
                        [](const LoadedKey& one) { return one.key->kind() == KeyKind::rsa; });
}

// The hashes of the body in the forms that the keys ask for.
class BodyHashes {
 public:
  void add(const std::vector<LoadedKey>& keys) {
    for (const LoadedKey& key : keys) {
      if (find(key.where.options.body_form) == hashes_.end()) {
        hashes_.emplace_back(key.where.options.body_form);
      }
    }
  }

  void feed(std::string_view piece) {
    for (BodyHash& hash : hashes_) {
      hash.feed(piece);
    }
  }

  void end() {
    for (BodyHash& hash : hashes_) {
      ended_.push_back(hash.finish());
    }
  }

  [[nodiscard]] const std::string& of(auth822::Canonical form) {
    return ended_[static_cast<std::size_t>(find(form) - hashes_.begin())];
  }

 private:
  std::deque<BodyHash>::iterator find(auth822::Canonical form) {
    return std::find_if(hashes_.begin(), hashes_.end(),
                        [form](const BodyHash& one) { return one.form() == form; });
  }

  std::deque<BodyHash> hashes_;
  std::vector<std::string> ended_;
};

auth822::SignatureRequest request_for(const LoadedKey& key, std::uint64_t time) {
  const SignatureOptions& options = key.where.options;
  auth822::SignatureRequest request;
  request.algorithm = key.key->kind() == KeyKind::rsa
                          ? auth822::SignatureAlgorithm::rsa_sha256
                          : auth822::SignatureAlgorithm::ed25519_sha256;
  request.header_form = options.header_form;
  request.body_form = options.body_form;
  request.domain = key.where.domain;
  request.selector = key.where.selector;
  request.identity = options.identity;
  request.time = time;
  if (options.lifetime) {
    request.expires = time + *options.lifetime;
  } else if (options.end && *options.end > time) {
    request.expires = options.end;
  }
  return request;
}

// The keys of a message, and what they are for.
struct Plan {
  std::vector<LoadedKey> dkim;
  // With exactly one key: a set is added to its ARC chain.
  std::vector<LoadedKey> arc;
  std::optional<auth822::ArcSealer> sealer;

  [[nodiscard]] bool empty() const { return dkim.empty() && arc.empty(); }
};

Failure key_fails(const LoadedKey& key) {
  return temporary(base::concat({key.where.path, ": the key does not sign"}));
}

Result<std::string> signed_by(const LoadedKey& key, const auth822::MessageHeader& header,
                              BodyHashes& bodies, std::uint64_t time) {
  const auto request = request_for(key, time);
  const auto signature =
      auth822::MessageSignature::dkim(header, request, bodies.of(request.body_form));
  const std::string bytes = key.key->sign(signature.text());
  if (bytes.empty()) {
    return key_fails(key);
  }
  return signature.field(bytes);
}

Result<std::string> arc_set(const LoadedKey& key, const auth822::ArcSealer& sealer,
                            const auth822::MessageHeader& header, BodyHashes& bodies,
                            std::uint64_t time) {
  const auto request = request_for(key, time);
  const auto signature = auth822::MessageSignature::arc(
      header, request, bodies.of(request.body_form), sealer.instance());
  const std::string bytes = key.key->sign(signature.text());
  const std::string message = signature.field(bytes);
  const auto seal = sealer.seal(request, message);
  const std::string sealed = key.key->sign(seal.text);
  if (bytes.empty() || sealed.empty()) {
    return key_fails(key);
  }
  return base::concat({seal.field.with(sealed), message, sealer.results()});
}

// Returns the keys of the first domain that has any.
Result<std::vector<LoadedKey>> dkim_keys(const std::vector<std::string>& domains,
                                         const FindKeys& find) {
  for (const std::string& domain : domains) {
    auto keys = find(domain);
    if (!keys || !keys->empty()) {
      return keys;
    }
  }
  return std::vector<LoadedKey>();
}

Result<Plan> make_plan(const SignerSettings& settings, const SignRequest& request,
                       const auth822::MessageHeader& header, const FindKeys& find) {
  const auto origin = auth822::find_origin(header, settings.service);
  Plan plan;
  if (settings.dkim) {
    auto keys = dkim_keys(domains_to_sign_for(header, origin, request.sender), find);
    if (!keys) {
      return keys.error();
    }
    plan.dkim = *std::move(keys);
    put_rsa_first(plan.dkim);
  }
  if (settings.arcseal.empty() || !origin.forwarded || origin.own_results.empty()) {
    return plan;
  }
  plan.sealer = auth822::ArcSealer::begin(header, *origin.own_results.front());
  if (plan.sealer) {
    auto key = find(kArcKey);
    if (!key) {
      return key.error();
    }
    plan.arc = *std::move(key);
  }
  return plan;
}

// The set comes first, since it is the last thing that happens to the message.
Result<std::string> make_fields(const Plan& plan, const auth822::MessageHeader& header,
                                BodyHashes& bodies, std::uint64_t time) {
  std::string fields;
  for (const LoadedKey& key : plan.arc) {
    auto set = arc_set(key, *plan.sealer, header, bodies, time);
    if (!set) {
      return set;
    }
    fields += *set;
  }
  for (const LoadedKey& key : plan.dkim) {
    auto field = signed_by(key, header, bodies, time);
    if (!field) {
      return field;
    }
    fields += *field;
  }
  return fields;
}

}  // namespace

Result<std::string> sign_message(const SignerSettings& settings, const SignRequest& request,
                                 const FindKeys& find, const Confine& confine) {
  MessageReader message(request.message);
  const auto header = message.read_header();
  if (!header) {
    return header.error();
  }
  if (message.header_too_long()) {
    return std::string();
  }
  const auto plan = make_plan(settings, request, *header, find);
  if (!plan) {
    return plan.error();
  }
  if (plan->empty()) {
    return std::string();
  }
  if (auto confined = confine(); !confined) {
    return confined.error();
  }
  BodyHashes bodies;
  bodies.add(plan->dkim);
  bodies.add(plan->arc);
  const auto read =
      message.read_body([&bodies](std::string_view piece) { bodies.feed(piece); });
  if (!read) {
    return read.error();
  }
  bodies.end();
  return make_fields(*plan, *header, bodies, request.time);
}

}  // namespace reqmail::sign
