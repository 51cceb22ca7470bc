#include "auth822/dkim_signature.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "auth822/dns_facts.h"
#include "auth822/tag_list.h"
#include "base/ascii.h"
#include "base/base64.h"
#include "base/number.h"
#include "base/text.h"
#include "mail/idna.h"

namespace reqmail::auth822 {

namespace {

// RFC 6376 section 3.5 for l=: more digits are no number.
constexpr std::size_t kDigitsMax = 76;

// Reads the tags of one field; the first problem stays.
class TagReader {
 public:
  TagReader(const TagList& tags, SignatureField& field) : tags_(tags), field_(field) {}

  [[nodiscard]] bool sound() const { return field_.problem.empty(); }

  void problem(std::string text) {
    if (sound()) {
      field_.problem = std::move(text);
    }
  }

  std::string required(std::string_view name) {
    auto value = tags_.packed(name);
    if (!value || value->empty()) {
      problem(base::concat({"no ", name, "="}));
      return {};
    }
    return std::move(*value);
  }

  std::string bytes(std::string_view name) {
    const std::string text = required(name);
    auto decoded = base::decode_base64(text);
    if (!decoded) {
      problem(base::concat({name, "= is no base64"}));
    }
    return std::move(decoded).value_or("");
  }

  // A signature that cannot be decoded is one that does not verify: bytes were lost on the way.
  std::string signature() { return base::decode_base64(required("b")).value_or(""); }

  std::optional<std::uint64_t> number(std::string_view name) {
    const auto value = tags_.packed(name);
    if (!value) {
      return std::nullopt;
    }
    if (value->empty() || value->size() > kDigitsMax ||
        !std::all_of(value->begin(), value->end(), base::is_digit)) {
      problem(base::concat({name, "= is no number"}));
      return std::nullopt;
    }
    return base::leading_number(*value);
  }

  [[nodiscard]] const TagList& tags() const { return tags_; }

 private:
  const TagList& tags_;
  SignatureField& field_;
};

// Fields of internationalized messages may have U-labels, which stand for their A-labels (RFC
// 8616 section 4). What cannot be converted stays, and is no domain.
std::string in_a_labels(const std::string& domain) {
  return mail::to_a_labels(domain).value_or(domain);
}

void read_labels(const TagList& tags, SignatureLabels& labels) {
  constexpr std::size_t kStart = 8;
  labels.algorithm = base::lower(tags.packed("a").value_or(""));
  labels.domain = in_a_labels(tags.packed("d").value_or(""));
  labels.selector = in_a_labels(tags.packed("s").value_or(""));
  labels.signature_start = tags.packed("b").value_or("").substr(0, kStart);
}

void read_algorithm(TagReader& reader, DkimSignature& signature) {
  const std::string name = base::lower(reader.required("a"));
  if (name == "ed25519-sha256") {
    signature.algorithm = SignatureAlgorithm::ed25519_sha256;
  } else if (name == "rsa-sha1") {
    reader.problem("rsa-sha1 is not secure");
  } else if (name != "rsa-sha256") {
    reader.problem("unknown a=");
  }
}

std::optional<Canonical> form_of(std::string_view word) {
  if (base::equal_ci(word, "simple")) {
    return Canonical::simple;
  }
  return base::equal_ci(word, "relaxed") ? std::optional(Canonical::relaxed) : std::nullopt;
}

void read_forms(TagReader& reader, DkimSignature& signature) {
  const auto value = reader.tags().packed("c");
  if (!value) {
    return;
  }
  const std::size_t slash = value->find('/');
  const auto header = form_of(value->substr(0, slash));
  const auto body = slash == std::string::npos ? std::optional(Canonical::simple)
                                               : form_of(value->substr(slash + 1));
  if (!header || !body) {
    reader.problem("unknown c=");
    return;
  }
  signature.header_form = *header;
  signature.body_form = *body;
}

void read_domain(TagReader& reader, DkimSignature& signature) {
  signature.domain = base::lower(in_a_labels(reader.required("d")));
  signature.selector = base::lower(in_a_labels(reader.required("s")));
  if (!is_domain(signature.key_name()) || !is_domain(signature.domain) ||
      !mail::is_ascii(signature.key_name())) {
    reader.problem("d= or s= is no domain");
  }
  signature.identity_domain = signature.domain;
}

void read_names(TagReader& reader, DkimSignature& signature) {
  const std::string list = base::lower(reader.tags().packed("h").value_or(""));
  if (list.empty()) {
    return;
  }
  for (const std::string_view name : colon_list(list)) {
    if (name.empty()) {
      reader.problem("h= has an empty name");
    }
    signature.names.emplace_back(name);
  }
}

bool has_name(const DkimSignature& signature, std::string_view name) {
  return std::find(signature.names.begin(), signature.names.end(), name) !=
         signature.names.end();
}

// i=: the user and domain on whose behalf was signed (RFC 6376 section 3.5).
void read_identity(TagReader& reader, SignatureField& field, DkimSignature& signature) {
  const auto identity = reader.tags().packed("i");
  if (!identity) {
    return;
  }
  const std::size_t at = identity->rfind('@');
  const std::string domain =
      at == std::string::npos ? std::string() : in_a_labels(identity->substr(at + 1));
  field.labels.identity =
      at == std::string::npos ? *identity : base::concat({identity->substr(0, at + 1), domain});
  if (at == std::string::npos || !is_within(domain, signature.domain)) {
    reader.problem("i= is not within d=");
    return;
  }
  signature.identity_domain = base::lower(domain);
}

void read_times(TagReader& reader, DkimSignature& signature) {
  signature.time = reader.number("t");
  signature.expires = reader.number("x");
  if (signature.time && signature.expires && *signature.expires <= *signature.time) {
    reader.problem("x= is not after t=");
  }
}

void read_query(TagReader& reader) {
  const auto methods = reader.tags().packed("q");
  if (!methods) {
    return;
  }
  const auto list = colon_list(*methods);
  if (std::none_of(list.begin(), list.end(),
                   [](std::string_view one) { return base::equal_ci(one, "dns/txt"); })) {
    reader.problem("unknown q=");
  }
}

// The tags that a DKIM and an ARC message signature share.
void read_common(TagReader& reader, DkimSignature& signature) {
  read_algorithm(reader, signature);
  read_forms(reader, signature);
  read_domain(reader, signature);
  read_names(reader, signature);
  signature.signature = reader.signature();
  signature.body_hash = reader.bytes("bh");
  signature.length = reader.number("l");
  read_times(reader, signature);
  read_query(reader);
}

template <typename Read>
SignatureField parse(const RawField& field, Read read) {
  SignatureField result;
  const auto tags = TagList::parse(field.value());
  if (!tags) {
    result.problem = "bad tag list";
    return result;
  }
  read_labels(*tags, result.labels);
  TagReader reader(*tags, result);
  DkimSignature signature;
  read(reader, result, signature);
  if (reader.sound()) {
    result.signature = std::move(signature);
  }
  return result;
}

}  // namespace

std::string DkimSignature::key_name() const {
  return base::concat({selector, "._domainkey.", domain});
}

SignatureField parse_dkim_signature(const RawField& field) {
  return parse(field, [](TagReader& reader, SignatureField& result, DkimSignature& signature) {
    if (reader.required("v") != "1") {
      reader.problem("unknown v=");
    }
    read_common(reader, signature);
    read_identity(reader, result, signature);
    if (!has_name(signature, "from")) {
      reader.problem("h= lacks From");
    }
  });
}

SignatureField parse_arc_message_signature(const RawField& field) {
  return parse(field, [](TagReader& reader, SignatureField&, DkimSignature& signature) {
    // Sealers that leave c= out mean what ARC itself uses everywhere else.
    signature.header_form = signature.body_form = Canonical::relaxed;
    read_common(reader, signature);
    if (!reader.tags().get("h")) {
      reader.problem("no h=");
    }
    if (has_name(signature, "arc-seal")) {
      reader.problem("h= has ARC-Seal");
    }
  });
}

SignatureField parse_arc_seal(const RawField& field) {
  return parse(field, [](TagReader& reader, SignatureField&, DkimSignature& signature) {
    read_algorithm(reader, signature);
    read_domain(reader, signature);
    signature.signature = reader.signature();
    signature.time = reader.number("t");
    signature.header_form = Canonical::relaxed;
    if (reader.tags().get("h")) {
      reader.problem("a seal has no h=");
    }
  });
}

RawField without_signature(const RawField& field) {
  RawField result{field.name, field.raw.substr(0, field.raw.find(':') + 1)};
  const auto parts = base::split(field.value(), ';');
  for (std::size_t at = 0; at < parts.size(); ++at) {
    if (at > 0) {
      result.raw.push_back(';');
    }
    const std::size_t equals = parts[at].find('=');
    const bool is_b = equals != std::string_view::npos &&
                      trim_folding_space(parts[at].substr(0, equals)) == "b";
    result.raw.append(is_b ? parts[at].substr(0, equals + 1) : parts[at]);
  }
  return result;
}

std::string signed_header(const MessageHeader& header, const DkimSignature& signature,
                          const RawField& own) {
  std::map<std::string_view, std::vector<const RawField*>> left;
  std::string text;
  for (const std::string& name : signature.names) {
    const auto [fields, is_new] = left.try_emplace(name);
    if (is_new) {
      fields->second = header.named(name);
      // A signature does not sign itself as one of the fields.
      std::erase(fields->second, &own);
    }
    // A name without a field left stands for none: nothing may be added later.
    if (fields->second.empty()) {
      continue;
    }
    text += canonical_field(*fields->second.back(), signature.header_form);
    fields->second.pop_back();
  }
  text += canonical_field(without_signature(own), signature.header_form);
  constexpr std::size_t kLineEndSize = 2;
  text.resize(text.size() - kLineEndSize);
  return text;
}

}  // namespace reqmail::auth822
