#include "auth822/dkim_signer.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "base/base64.h"
#include "base/number.h"
#include "base/text.h"

namespace reqmail::auth822 {

namespace {

// The width of folded lines, which RFC 5322 section 2.1.1 wants.
constexpr std::size_t kLineMax = 76;
constexpr std::string_view kFold = "\n\t";

// Each of these is signed once more than it is there.
constexpr std::array<std::string_view, 10> kOversigned = {
    "from",     "to",         "cc",           "subject",          "date",
    "reply-to", "message-id", "content-type", "list-unsubscribe", "list-unsubscribe-post"};

bool is_signed(std::string_view name) {
  constexpr std::array<std::string_view, 10> kNames = {
      "from",       "to",       "cc",     "subject",     "date",
      "message-id", "reply-to", "sender", "in-reply-to", "references"};
  constexpr std::array<std::string_view, 4> kKinds = {"mime-", "content-", "list-", "resent-"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end() ||
         std::any_of(kKinds.begin(), kKinds.end(),
                     [name](std::string_view kind) { return name.starts_with(kind); });
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    text += base::concat({text.empty() ? "" : ":", name});
  }
  return text;
}

// Writes the tags of a field into lines.
class TagWriter {
 public:
  explicit TagWriter(std::string& raw) : raw_(raw), line_(raw.size()) {}

  void put(std::string_view tag, std::string_view value) {
    const std::string text = base::concat({tag, "=", value, ";"});
    if (line_ + 1 + text.size() > kLineMax) {
      begin_line();
    } else {
      append(" ");
    }
    append_folded(text);
  }

  void begin_line() {
    raw_.append(kFold);
    line_ = 1;
  }

 private:
  void append(std::string_view text) {
    raw_.append(text);
    line_ += text.size();
  }

  // Lists have colons, after which a line may end.
  void append_folded(std::string_view text) {
    while (line_ + text.size() > kLineMax) {
      const std::size_t end =
          text.find(':') == std::string_view::npos ? std::string_view::npos : end_of_line(text);
      if (end >= text.size()) {
        break;
      }
      append(text.substr(0, end));
      begin_line();
      text.remove_prefix(end);
    }
    append(text);
  }

  // Returns the end of what fits into the line, or of the first item if none fits.
  [[nodiscard]] std::size_t end_of_line(std::string_view text) const {
    const std::size_t fitting = text.substr(0, kLineMax - line_).rfind(':');
    return (fitting == std::string_view::npos ? text.find(':') : fitting) + 1;
  }

  std::string& raw_;
  std::size_t line_;
};

std::string_view form_name(Canonical form) {
  return form == Canonical::relaxed ? "relaxed" : "simple";
}

// The tags that both kinds of signatures have after their first.
void add_tags(const SignatureRequest& request, const std::vector<std::string>& names,
              std::string_view body_hash, UnsignedField::Tags& tags) {
  tags.emplace_back("a", algorithm_name(request.algorithm));
  tags.emplace_back(
      "c", base::concat({form_name(request.header_form), "/", form_name(request.body_form)}));
  tags.emplace_back("d", request.domain);
  tags.emplace_back("s", request.selector);
  tags.emplace_back("t", base::decimal(request.time));
  if (request.expires) {
    tags.emplace_back("x", base::decimal(*request.expires));
  }
  tags.emplace_back("h", joined(names));
  tags.emplace_back("bh", base::encode_base64(body_hash));
}

}  // namespace

std::string_view algorithm_name(SignatureAlgorithm algorithm) {
  return algorithm == SignatureAlgorithm::rsa_sha256 ? "rsa-sha256" : "ed25519-sha256";
}

std::vector<std::string> names_to_sign(const MessageHeader& header) {
  std::vector<std::string> names;
  for (const RawField& field : header.fields()) {
    if (is_signed(field.name)) {
      names.push_back(field.name);
    }
  }
  names.insert(names.end(), kOversigned.begin(), kOversigned.end());
  return names;
}

UnsignedField::UnsignedField(std::string_view name, const Tags& tags)
    : field_{base::lower(name), base::concat({name, ":"})} {
  TagWriter writer(field_.raw);
  for (const auto& [tag, value] : tags) {
    writer.put(tag, value);
  }
  writer.begin_line();
  field_.raw.append("b=");
}

std::string UnsignedField::with(std::string_view signature) const {
  std::string raw = field_.raw;
  const std::string value = base::encode_base64(signature);
  // What is before the value in its first line, and in the others.
  std::size_t used = 3;
  for (std::string_view left = value; !left.empty(); used = 1) {
    if (used == 1) {
      raw.append(kFold);
    }
    raw.append(left.substr(0, kLineMax - used));
    left.remove_prefix(std::min(left.size(), kLineMax - used));
  }
  raw.push_back('\n');
  return raw;
}

MessageSignature::MessageSignature(UnsignedField field, const MessageHeader& header,
                                   const SignatureRequest& request,
                                   std::vector<std::string> names)
    : field_(std::move(field)) {
  DkimSignature signature;
  signature.header_form = request.header_form;
  signature.names = std::move(names);
  text_ = signed_header(header, signature, field_.field());
}

MessageSignature MessageSignature::dkim(const MessageHeader& header,
                                        const SignatureRequest& request,
                                        std::string_view body_hash) {
  auto names = names_to_sign(header);
  UnsignedField::Tags tags = {{"v", "1"}};
  add_tags(request, names, body_hash, tags);
  if (request.identity) {
    tags.emplace_back("i", *request.identity);
  }
  return {UnsignedField("DKIM-Signature", tags), header, request, std::move(names)};
}

MessageSignature MessageSignature::arc(const MessageHeader& header,
                                       const SignatureRequest& request,
                                       std::string_view body_hash, std::size_t instance) {
  auto names = names_to_sign(header);
  UnsignedField::Tags tags = {{"i", base::decimal(instance)}};
  add_tags(request, names, body_hash, tags);
  return {UnsignedField("ARC-Message-Signature", tags), header, request, std::move(names)};
}

}  // namespace reqmail::auth822
