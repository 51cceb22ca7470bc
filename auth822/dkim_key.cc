#include "auth822/dkim_key.h"

#include <algorithm>

#include "auth822/tag_list.h"
#include "base/ascii.h"
#include "base/base64.h"

namespace reqmail::auth822 {

namespace {

bool lists(const TagList& tags, std::string_view tag, std::string_view item) {
  const std::string value = tags.packed(tag).value_or("");
  const auto items = colon_list(value);
  return std::any_of(items.begin(), items.end(),
                     [item](std::string_view one) { return base::equal_ci(one, item); });
}

// Why a key may not be used for this signature; empty if it may.
std::string objection(const TagList& tags, const DkimSignature& signature) {
  if (!tags.tags().empty() && tags.get("v") &&
      (tags.tags().front().first != "v" || tags.get("v") != "DKIM1")) {
    return "key of another version";
  }
  if (tags.get("h") && !lists(tags, "h", "sha256")) {
    return "key is not for sha256";
  }
  if (tags.get("s") && !lists(tags, "s", "*") && !lists(tags, "s", "email")) {
    return "key is not for mail";
  }
  const bool ed25519 = signature.algorithm == SignatureAlgorithm::ed25519_sha256;
  const std::string type = base::lower(tags.packed("k").value_or("rsa"));
  if (type != (ed25519 ? "ed25519" : "rsa")) {
    return "key is of another type";
  }
  if (!tags.get("p")) {
    return "key record has no p=";
  }
  if (tags.get("p")->empty()) {
    return "key is revoked";
  }
  if (lists(tags, "t", "s") && signature.identity_domain != signature.domain) {
    return "key is not for subdomains";
  }
  return {};
}

}  // namespace

DkimKeyFound find_dkim_key(const std::vector<std::string>& records,
                           const DkimSignature& signature) {
  for (const std::string& record : records) {
    const auto tags = TagList::parse(record);
    if (!tags) {
      continue;
    }
    if (std::string problem = objection(*tags, signature); !problem.empty()) {
      return {std::nullopt, std::move(problem)};
    }
    DkimKey key;
    key.algorithm = signature.algorithm;
    auto bytes = base::decode_base64(*tags->packed("p"));
    if (!bytes) {
      return {std::nullopt, "p= is no base64"};
    }
    key.bytes = std::move(*bytes);
    key.testing = lists(*tags, "t", "y");
    return {std::move(key), {}};
  }
  return {std::nullopt, records.empty() ? "no key" : "bad key record"};
}

}  // namespace reqmail::auth822
