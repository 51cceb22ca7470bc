#include "filter/milter_client.h"

#include <algorithm>

#include "base/text.h"
#include "filter/milter_edit.h"

namespace reqmail::filter {

namespace {

constexpr std::uint32_t kOldestVersion = 2;
constexpr std::uint32_t kNewestVersion = 6;
constexpr std::uint32_t kDataSince = 4;

// Steps (SMFIP_*): what a milter does not want to hear, will not answer, or wants otherwise.
// All are offered but recipients that are refused already, which it is never told of.
constexpr std::uint32_t kSkip = 0x400;
constexpr std::uint32_t kLeadingSpace = 0x100000;
constexpr std::uint32_t kAllSteps = 0x1FFFFF & ~std::uint32_t{0x800};

// The most that the edits of one message may take.
constexpr std::size_t kEditsMax = std::size_t{1} << 20;

constexpr char kNegotiate = 'O';
constexpr char kMacros = 'D';
constexpr char kAbort = 'A';
constexpr char kQuit = 'Q';

struct Event {
  char letter;
  std::uint32_t unheard;     // the step by which the milter does not want to hear it
  std::uint32_t unanswered;  // the step by which it will not answer
  std::size_t stage;         // of its macros; kNoStage: it has none
  std::string_view macros;   // which ones, unless the milter asks for others
};

constexpr std::size_t kNoStage = 99;

// In the order of MilterEvent.
constexpr std::array<Event, kMilterEvents> kEvents = {{
    {'C', 0x01, 0x1000, 0, "j daemon_name client_addr client_name client_port"},
    {'H', 0x02, 0x2000, 1, "tls_version cipher"},
    {'M', 0x04, 0x4000, 2, "mail_addr auth_authen auth_type"},
    {'R', 0x08, 0x8000, 3, "rcpt_addr"},
    {'T', 0x200, 0x10000, 4, "i"},
    {'L', 0x20, 0x80, kNoStage, {}},
    {'N', 0x40, 0x40000, 6, {}},
    {'B', 0x10, 0x80000, kNoStage, {}},
    {'E', 0, 0, 5, "i"},
}};

const Event& row(MilterEvent event) {
  return kEvents[static_cast<std::size_t>(event)];
}

std::string macro_name(std::string_view name) {
  return name.size() == 1 ? std::string(name) : base::concat({"{", name, "}"});
}

std::vector<std::string> names_in(std::string_view text) {
  std::vector<std::string> names;
  std::string name;
  for (const char c : text) {
    if (c != ' ' && c != ',' && c != '{' && c != '}') {
      name.push_back(c);
    } else if (!name.empty()) {
      names.push_back(std::exchange(name, {}));
    }
  }
  if (!name.empty()) {
    names.push_back(name);
  }
  return names;
}

}  // namespace

std::string MilterClient::negotiation() {
  std::string data;
  append_milter_number(data, kNewestVersion);
  append_milter_number(data, milter_action::kAll);
  append_milter_number(data, kAllSteps);
  std::string packet;
  append_milter_packet(packet, kNegotiate, data);
  return packet;
}

void MilterClient::begin_message() {
  in_message_ = true;
  message_over_ = false;
  body_skipped_ = false;
  edits_.clear();
  edits_size_ = 0;
}

bool MilterClient::keeps_leading_space() const {
  return (steps_ & kLeadingSpace) != 0;
}

bool MilterClient::hears(MilterEvent event) const {
  const bool of_message = event != MilterEvent::connect && event != MilterEvent::helo;
  if (session_over_ || (of_message && !in_message())) {
    return false;
  }
  if ((event == MilterEvent::body && body_skipped_) ||
      (event == MilterEvent::data && version_ < kDataSince)) {
    return false;
  }
  return (steps_ & row(event).unheard) == 0;
}

std::string MilterClient::tell(MilterEvent event, std::string_view data,
                               const MilterMacros& macros) {
  reply_ = MilterReply();
  if (!hears(event)) {
    due_ = false;
    return {};
  }
  const Event& what = row(event);
  std::string packets;
  if (what.stage != kNoStage) {
    const auto& chosen = symbols_[what.stage];
    std::string values(1, what.letter);
    for (const std::string& name : chosen ? *chosen : names_in(what.macros)) {
      const auto found = std::find_if(macros.begin(), macros.end(),
                                      [&](const auto& macro) { return macro.first == name; });
      if (found != macros.end() && !found->second.empty()) {
        values += base::concat({macro_name(name), std::string_view("\0", 1), found->second,
                                std::string_view("\0", 1)});
      }
    }
    if (values.size() > 1) {
      append_milter_packet(packets, kMacros, values);
    }
  }
  append_milter_packet(packets, what.letter, data);
  event_ = event;
  due_ = (steps_ & what.unanswered) == 0;
  return packets;
}

MilterClient::Taken MilterClient::next() {
  const auto packet = reader_.next();
  if (!packet) {
    return reader_.is_broken() ? Taken::broken : Taken::more;
  }
  if (!due_) {
    return Taken::broken;
  }
  return negotiated_ ? take_answer(*packet) : take_negotiation(*packet);
}

MilterClient::Taken MilterClient::take_negotiation(const MilterPacket& packet) {
  constexpr std::size_t kNumber = 4;
  constexpr std::size_t kNumbers = 3 * kNumber;
  if (packet.letter != kNegotiate || packet.data.size() < kNumbers) {
    return Taken::broken;
  }
  const std::string_view data = packet.data;
  version_ = *milter_number(data);
  actions_ = *milter_number(data.substr(kNumber));
  steps_ = *milter_number(data.substr(2 * kNumber));
  if (version_ < kOldestVersion || version_ > kNewestVersion || (steps_ & ~kAllSteps) != 0 ||
      !take_symbols(data.substr(kNumbers))) {
    return Taken::broken;
  }
  negotiated_ = true;
  return answered({});
}

// For each stage a number, then the names in one string.
bool MilterClient::take_symbols(std::string_view data) {
  while (!data.empty()) {
    const auto stage = milter_number(data);
    const std::size_t end = data.find('\0', std::min(data.size(), std::size_t{4}));
    if (!stage || end == std::string_view::npos ||
        (actions_ & milter_action::kChooseSymbols) == 0) {
      return false;
    }
    if (*stage < symbols_.size()) {
      symbols_[*stage] = names_in(data.substr(4, end - 4));
    }
    data.remove_prefix(end + 1);
  }
  return true;
}

MilterClient::Taken MilterClient::take_answer(const MilterPacket& packet) {
  using Kind = MilterReply::Kind;
  switch (packet.letter) {
  case 'c':
    return answered({});
  case 'a':
    return answered({Kind::accept});
  case 'r':
    return answered({Kind::reject});
  case 't':
  // The milter ends itself, or wants the client to be told so.
  case '4':
  case 'f':
    return answered({Kind::tempfail});
  case 'd':
    return answered({Kind::discard});
  case 'y':
    return take_text(packet.data);
  case 's':
    if (event_ != MilterEvent::body || (steps_ & kSkip) == 0) {
      return Taken::broken;
    }
    body_skipped_ = true;
    return answered({});
  case 'p':
    return Taken::progress;
  default:
    return take_edit(packet);
  }
}

MilterClient::Taken MilterClient::take_text(std::string_view data) {
  if (!data.ends_with('\0')) {
    return Taken::broken;
  }
  auto reply = parse_milter_reply(data.substr(0, data.find('\0')));
  return reply ? answered(*std::move(reply)) : Taken::broken;
}

MilterClient::Taken MilterClient::take_edit(const MilterPacket& packet) {
  if (event_ != MilterEvent::end_of_message) {
    return Taken::broken;
  }
  if (packet.letter == 'b') {
    body_piece_ = packet.data;
    return (actions_ & milter_action::kChangeBody) != 0 ? Taken::body : Taken::broken;
  }
  auto edit = milter_edit(packet, actions_);
  edits_size_ += packet.data.size() + sizeof(MessageEdit);
  if (!edit || edits_size_ > kEditsMax) {
    return Taken::broken;
  }
  edits_.push_back(*std::move(edit));
  return Taken::edit;
}

// Of the session if it comes before a message, else of the message; one about a recipient alone
// concerns that recipient.
MilterClient::Taken MilterClient::answered(MilterReply reply) {
  using Kind = MilterReply::Kind;
  due_ = false;
  const bool before_message = negotiated_ && !in_message_;
  const bool of_recipient = event_ == MilterEvent::rcpt && in_message_;
  switch (reply.kind) {
  case Kind::go_on:
    break;
  case Kind::accept:
  case Kind::discard:
    session_over_ = session_over_ || before_message;
    message_over_ = true;
    break;
  case Kind::reject:
  case Kind::tempfail:
  case Kind::text:
    message_over_ = message_over_ || !of_recipient;
    break;
  }
  if (event_ == MilterEvent::end_of_message && in_message_) {
    message_over_ = true;
  }
  reply_ = std::move(reply);
  return Taken::reply;
}

std::string MilterClient::abort() {
  std::string packet;
  if (in_message() && !session_over_) {
    append_milter_packet(packet, kAbort, {});
  }
  in_message_ = false;
  return packet;
}

std::string MilterClient::quit() {
  std::string packet;
  append_milter_packet(packet, kQuit, {});
  return packet;
}

}  // namespace reqmail::filter
