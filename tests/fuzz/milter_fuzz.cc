// Any bytes as the answers of a milter: nothing that it says becomes more than one field, an
// unsafe address or a reply that is no refusal, and the pieces in which it comes do not matter.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/ascii.h"
#include "filter/message_edits.h"
#include "filter/milter_client.h"
#include "mail/address.h"

namespace {

using namespace reqmail;  // NOLINT(google-build-using-namespace)
using Taken = filter::MilterClient::Taken;

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

void check_edits(const filter::MilterClient& client) {
  mail::HeaderText header("A: 1\nB: 2\n");
  for (const filter::MessageEdit& edit : client.edits()) {
    if (!edit.name.empty()) {
      const std::string field = filter::milter_field(edit.name, edit.value, true);
      require(field.ends_with('\n'));
      for (std::size_t i = field.find('\n'); i + 1 < field.size();
           i = field.find('\n', i + 1)) {
        require(base::is_blank(field[i + 1]));
      }
    } else if (edit.kind != filter::MessageEdit::Kind::quarantine) {
      require(!mail::has_control_character(edit.value));
    }
  }
  filter::edit_header(client.edits(), client.keeps_leading_space(), header);
  require(header.text().empty() || header.text().ends_with('\n'));
  std::string sender = "a@b";
  std::string recipients("c@d\0", 4);
  filter::edit_envelope(client.edits(), sender, recipients);
  require(recipients.empty() || recipients.ends_with('\0'));
}

// What happens until the protocol is broken or the bytes are used up, as letters.
std::string talk(std::string_view bytes, std::size_t piece) {
  filter::MilterClient client;
  std::string story;
  constexpr filter::MilterEvent kStory[] = {
      filter::MilterEvent::connect,       filter::MilterEvent::helo,
      filter::MilterEvent::mail,          filter::MilterEvent::rcpt,
      filter::MilterEvent::data,          filter::MilterEvent::header,
      filter::MilterEvent::end_of_header, filter::MilterEvent::body,
      filter::MilterEvent::end_of_message};
  std::size_t at = 0;
  for (;;) {
    while (client.is_due()) {
      const Taken taken = client.next();
      if (taken == Taken::more) {
        if (bytes.empty()) {
          return story;
        }
        client.take(bytes.substr(0, piece));
        bytes.remove_prefix(std::min(piece, bytes.size()));
        continue;
      }
      story.push_back(static_cast<char>('a' + static_cast<int>(taken)));
      if (taken == Taken::broken) {
        return story;
      }
      const filter::MilterReply& reply = client.reply();
      require(reply.kind != filter::MilterReply::Kind::text ||
              (reply.code >= 400 && reply.code <= 599));
    }
    check_edits(client);
    if (at == std::size(kStory)) {
      return story;
    }
    if (kStory[at] == filter::MilterEvent::mail) {
      client.begin_message();
    }
    (void)client.tell(kStory[at++], "x", {{"j", "me"}, {"i", "id"}});
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string whole = talk(bytes, size + 1);
  require(talk(bytes, 1) == whole);
  require(talk(bytes, 7) == whole);
  return 0;
}
