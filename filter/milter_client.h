// One connection to a milter, the mail server's side (protocol versions 2 to 6): what happens
// in the session goes in, packets come out; the milter's packets go in, its answers come out.
// It neither reads nor writes.
//
// The legal order of calls. negotiation() comes first; then, as after each tell() whose answer
// is due, take() and next() until next() returns something other than `more`. Events come in
// the order of an SMTP session. begin_message() comes before `mail`; a message ends with the
// answer to end_of_message or with abort().
//
// An event that the milter does not want to hear makes no packet, and so does one of a message
// or a session that it has accepted or refused as a whole.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "filter/message_edits.h"
#include "filter/milter_packets.h"
#include "filter/milter_reply.h"

namespace reqmail::filter {

enum class MilterEvent {
  connect,
  helo,
  mail,
  rcpt,
  data,
  header,
  end_of_header,
  body,
  end_of_message,
};

inline constexpr std::size_t kMilterEvents = 9;

// Names of macros without braces, and their values. A milter gets those that belong to an
// event.
using MilterMacros = std::vector<std::pair<std::string_view, std::string>>;

class MilterClient {
 public:
  enum class Taken {
    more,      // the answer is not complete
    progress,  // the milter is still at work, and wants its time to begin anew
    edit,      // the same; it has said what it wants changed
    body,      // the same; body_piece() belongs to a new body
    reply,     // the answer: reply()
    broken,    // the milter breaks the protocol: nothing more can be asked
  };

  // What we offer it. The answer is due.
  [[nodiscard]] static std::string negotiation();

  void begin_message();

  // The packets of an event; empty if the milter does not hear it. `data` is that of the packet
  // (milter_event_data.h).
  std::string tell(MilterEvent event, std::string_view data, const MilterMacros& macros);

  // Whether the milter hears an event now, so that its data need not be made for nothing.
  [[nodiscard]] bool hears(MilterEvent event) const;

  // Whether the answer to the last packets is still to come.
  [[nodiscard]] bool is_due() const { return due_; }

  void take(std::string_view bytes) { reader_.add(bytes); }

  Taken next();

  // The last answer, of this kind or `go_on` if none was due.
  [[nodiscard]] const MilterReply& reply() const { return reply_; }

  [[nodiscard]] std::string_view body_piece() const { return body_piece_; }

  // What the milter wants changed. The edits count once end_of_message is answered with go_on
  // or accept.
  [[nodiscard]] const std::vector<MessageEdit>& edits() const { return edits_; }

  // Values of fields have the blank after the colon, on both ways.
  [[nodiscard]] bool keeps_leading_space() const;

  // Whether a message is under way that it still wants to hear about.
  [[nodiscard]] bool in_message() const { return in_message_ && !message_over_; }

  // The packet that ends a message without end_of_message; empty if the milter is in none.
  std::string abort();

  [[nodiscard]] static std::string quit();

 private:
  Taken take_negotiation(const MilterPacket& packet);
  Taken take_answer(const MilterPacket& packet);
  Taken take_text(std::string_view data);
  Taken take_edit(const MilterPacket& packet);
  Taken answered(MilterReply reply);
  bool take_symbols(std::string_view data);

  MilterPacketReader reader_;
  bool negotiated_ = false;
  std::uint32_t version_ = 0;
  std::uint32_t actions_ = 0;
  std::uint32_t steps_ = 0;
  // For each stage of macros the names that the milter has asked for.
  std::array<std::optional<std::vector<std::string>>, 7> symbols_;
  bool due_ = true;
  MilterEvent event_ = MilterEvent::connect;
  MilterReply reply_;
  std::string body_piece_;
  std::vector<MessageEdit> edits_;
  std::size_t edits_size_ = 0;
  bool session_over_ = false;
  bool in_message_ = false;
  bool message_over_ = false;
  bool body_skipped_ = false;
};

}  // namespace reqmail::filter
