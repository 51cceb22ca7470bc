// Any bytes as a message: one piece and many pieces give the same header; with the added fields
// the header is complete; no line end and no NUL gets into the envelope.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "mail/header_reader.h"
#include "mail/header_rewrite.h"

namespace {

using reqmail::Result;
using reqmail::mail::AddressDefaults;
using reqmail::mail::HeaderReader;
using reqmail::mail::HeaderRewriter;
using reqmail::mail::HeaderSettings;
using reqmail::mail::RewrittenHeader;

struct Pass {
  bool accepted = false;
  RewrittenHeader header;
  std::string body;
};

Pass pass(std::string_view message, std::size_t piece) {
  static const AddressDefaults kDefaults = *AddressDefaults::parse("h.d", "d", "p.d");
  HeaderSettings settings;
  settings.user = "user";
  settings.sender_user = "user";
  settings.id_host = "id";
  HeaderRewriter rewriter(settings, kDefaults);
  HeaderReader reader([&rewriter](std::string_view field) { return rewriter.add(field); });
  Pass result;
  std::size_t at = 0;
  while (at < message.size() && !reader.ended()) {
    const auto taken = reader.add(message.substr(at, piece));
    if (!taken) {
      return result;
    }
    at += *taken;
  }
  if (!reader.finish()) {
    return result;
  }
  auto header = rewriter.finish(std::nullopt);
  if (!header) {
    return result;
  }
  result.accepted = true;
  result.header = std::move(*header);
  result.body = std::string(reader.body_begin()).append(message.substr(at));
  return result;
}

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

bool fits(const std::string& address) {
  return address.find('\n') == std::string::npos && address.find('\0') == std::string::npos;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view message(reinterpret_cast<const char*>(data), size);
  const Pass whole = pass(message, message.size() + 1);
  const Pass pieces = pass(message, 1 + size % 7);
  require(whole.accepted == pieces.accepted);
  if (!whole.accepted) {
    return 0;
  }
  require(whole.header.text == pieces.header.text);
  require(whole.header.sender == pieces.header.sender);
  require(whole.header.recipients == pieces.header.recipients);
  require(whole.body == pieces.body);
  require(whole.header.text.ends_with('\n'));
  require(fits(whole.header.sender));
  require(std::all_of(whole.header.recipients.begin(), whole.header.recipients.end(), fits));
  return 0;
}
