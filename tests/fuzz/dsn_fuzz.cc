// Any bytes as the text beside a message that says what its sender wants to be told, and as the
// values of its parameters: what is accepted means the same after another pass.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "mail/dsn.h"

namespace {

namespace mail = reqmail::mail;

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto decoded = mail::decode_xtext(bytes)) {
    require(decoded->size() <= bytes.size());
  }
  if (mail::is_envelope_id(bytes) || mail::is_original_recipient(bytes)) {
    // It fits into a command line and into a line of the text.
    require(bytes.find_first_of("\r\n\t =") == std::string_view::npos);
  }
  const auto request = mail::parse_dsn_text(bytes);
  if (!request) {
    return 0;
  }
  const std::string text = mail::dsn_text(*request);
  const auto again = mail::parse_dsn_text(text);
  require(again && mail::dsn_text(*again) == text);
  require(again->recipients.size() == request->recipients.size());
  std::size_t length = mail::dsn_mail_parameters(*request).size();
  length = length == 0 ? 1 : length;
  for (const mail::DsnRecipient& recipient : request->recipients) {
    length += mail::dsn_size(recipient);
    require(request->find(recipient.address) != nullptr);
  }
  require(text.size() == length);
  return 0;
}
