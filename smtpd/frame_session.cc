#include "smtpd/frame_session.h"

#include <cerrno>
#include <utility>
#include <vector>

#include "base/netstring.h"
#include "base/number.h"
#include "base/text.h"
#include "mail/address.h"
#include "mail/envelope.h"
#include "proto/mail_frames.h"
#include "smtpd/queue_time.h"
#include "submit/injector.h"
#include "sys/clock.h"

namespace reqmail::smtpd {

namespace {

using proto::FrameEvent;
using proto::MailFrameParser;

constexpr std::string_view kTooLarge =
    "Dsorry, that message size exceeds my databytes limit (#5.3.4)";
constexpr std::string_view kBadSender = "Dunacceptable sender (#5.1.7)";
constexpr std::string_view kNotListed =
    "Dsorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)";
constexpr std::string_view kBadRecipient = "Dsorry, I can't handle that recipient (#5.1.3)";
constexpr std::string_view kNoRoom = "Ztoo many recipients (#4.5.3)";
// QMQP has one answer for all, and the next try would be as large.
constexpr std::string_view kTooMany = "Dsorry, too many recipients (#5.5.3)";
constexpr std::string_view kBadAddress = "Dsorry, I can't accept addresses like that (#5.1.3)";

std::string accepted(pid_t queue) {
  return base::concat({"Kok ",
                       base::decimal(static_cast<std::uint64_t>(base::to_epoch(sys::now()))),
                       " qp ", base::decimal(static_cast<std::uint64_t>(queue))});
}

// Counts the envelope's bytes as they come.
class EnvelopeSize {
 public:
  // Whether there is still room once this address is in. Where there was none once there is
  // none any more.
  bool add(std::string_view address) {
    size_ += mail::record_size(address.size());
    return fits();
  }

  [[nodiscard]] bool fits() const { return size_ < mail::kNetworkEnvelopeMax; }

 private:
  std::size_t size_ = 0;
};

// The end of an injection as the client is told.
std::string verdict(submit::Injector& queue) {
  const pid_t process = queue.pid();
  const auto queued = queue.finish();
  if (queued) {
    return accepted(process);
  }
  const bool permanent = queued.error().permanence == Permanence::permanent;
  return base::concat({permanent ? "D" : "Z", queued.error().text});
}

// What both protocols have in common: bytes in, events, the message into a queue program.
class FrameServer {
 public:
  FrameServer(MailFrameParser::Protocol protocol, const mail::NetworkPeer& peer,
              sys::Reader& input, sys::Writer& output, const sys::LeastRate& rate)
      : parser_(protocol),
        protocol_name_(protocol == MailFrameParser::Protocol::qmtp ? "QMTP" : "QMQP"),
        peer_(peer),
        rate_(rate),
        input_(input),
        output_(output) {}

  FrameServer(const FrameServer&) = delete;
  FrameServer& operator=(const FrameServer&) = delete;
  FrameServer(FrameServer&&) = delete;
  FrameServer& operator=(FrameServer&&) = delete;
  virtual ~FrameServer() = default;

  int run();

 protected:
  // Each may end the session with an exit code.
  virtual std::optional<int> message_bytes(std::string_view bytes) = 0;
  virtual std::optional<int> sender(std::string_view address, bool unfit) = 0;
  virtual std::optional<int> recipient(std::string_view address, bool unfit) = 0;
  virtual std::optional<int> package_end() = 0;

  submit::Injector& queue() { return *queue_; }

  void answer(std::string_view text) {
    netstring_.clear();
    base::append_netstring(netstring_, text);
    // Errors of writing stay in the Writer and come up at the next flush.
    (void)output_.put(netstring_).has_value();
  }

 private:
  std::optional<int> message_start();
  std::optional<int> handle(const FrameEvent& event);
  int end(int code);

  MailFrameParser parser_;
  std::string_view protocol_name_;
  const mail::NetworkPeer& peer_;
  sys::LeastRate rate_;
  sys::Patience patience_;
  sys::Reader& input_;
  sys::Writer& output_;
  std::optional<submit::Injector> queue_;
  std::string netstring_;
};

int FrameServer::run() {
  input_.before_read([this]() { return output_.flush(); });
  input_.limit_by(patience_);
  output_.limit_by(patience_);
  patience_.at_least(rate_);
  for (;;) {
    const auto bytes = input_.peek();
    if (!bytes && bytes.error().error == ETIMEDOUT) {
      return FrameExit::kTrouble;
    }
    if (!bytes || bytes->empty()) {
      return FrameExit::kDone;
    }
    std::string_view rest = *bytes;
    for (;;) {
      const FrameEvent event = parser_.next(rest);
      if (event.kind == FrameEvent::Kind::more) {
        break;
      }
      if (const auto code = handle(event)) {
        return end(*code);
      }
    }
    input_.consume(bytes->size());
  }
}

std::optional<int> FrameServer::message_start() {
  auto started = submit::Injector::start();
  if (!started) {
    return FrameExit::kTrouble;
  }
  queue_.emplace(std::move(*started));
  queue_->message(mail::network_received(peer_, std::nullopt, protocol_name_, sys::now()));
  return std::nullopt;
}

std::optional<int> FrameServer::handle(const FrameEvent& event) {
  switch (event.kind) {
  case FrameEvent::Kind::more:
    return std::nullopt;
  case FrameEvent::Kind::message_start:
    return message_start();
  case FrameEvent::Kind::message_bytes: {
    const QueueTime time(patience_, rate_);
    return message_bytes(event.bytes);
  }
  case FrameEvent::Kind::sender:
    return sender(event.bytes, event.unfit);
  case FrameEvent::Kind::recipient:
    return recipient(event.bytes, event.unfit);
  case FrameEvent::Kind::package_end:
    // The queue program's time is not the client's.
    patience_.at_least(rate_);
    return package_end();
  case FrameEvent::Kind::malformed:
    return FrameExit::kMalformed;
  case FrameEvent::Kind::too_large:
    break;
  }
  return FrameExit::kTrouble;
}

// However it ends, the client hears what became of the packages before.
int FrameServer::end(int code) {
  patience_.at_least(rate_);
  (void)output_.flush().has_value();
  return code;
}

class QmtpServer : public FrameServer {
 public:
  QmtpServer(const QmtpdFiles& files, const ClientEnvironment& client, sys::Reader& input,
             sys::Writer& output, const sys::LeastRate& rate)
      : FrameServer(MailFrameParser::Protocol::qmtp, client.peer, input, output, rate),
        rcpthosts_(files.rcpthosts),
        databytes_(client.databytes.value_or(files.databytes)),
        relay_suffix_(client.relay_suffix) {}

 protected:
  std::optional<int> message_bytes(std::string_view bytes) override;
  std::optional<int> sender(std::string_view address, bool unfit) override;
  std::optional<int> recipient(std::string_view address, bool unfit) override;
  std::optional<int> package_end() override;

 private:
  enum class Fate : char { good, unfit, not_listed };

  const RcptHosts& rcpthosts_;
  std::uint64_t databytes_;  // 0: no limit
  const std::optional<std::string>& relay_suffix_;
  std::uint64_t size_ = 0;
  bool too_large_ = false;
  bool bad_sender_ = false;
  EnvelopeSize envelope_;
  std::vector<Fate> fates_;
  std::uint64_t without_room_ = 0;  // recipients after those of fates_
  bool any_good_ = false;
};

std::optional<int> QmtpServer::message_bytes(std::string_view bytes) {
  size_ += bytes.size();
  if (databytes_ > 0 && size_ > databytes_ && !too_large_) {
    too_large_ = true;
    queue().give_up();
  }
  if (!too_large_) {
    queue().message(bytes);
  }
  return std::nullopt;
}

std::optional<int> QmtpServer::sender(std::string_view address, bool unfit) {
  bad_sender_ = unfit;
  envelope_.add(address);
  if (unfit) {
    queue().give_up();
  }
  queue().sender(unfit ? "" : address);
  return std::nullopt;
}

std::optional<int> QmtpServer::recipient(std::string_view address, bool unfit) {
  const std::string_view suffix =
      relay_suffix_ ? std::string_view(*relay_suffix_) : std::string_view();
  if (!envelope_.add(base::concat({address, suffix}))) {
    ++without_room_;
    return std::nullopt;
  }
  // Of an address that is too long nothing is left to look for in rcpthosts.
  const auto parts = mail::split_address(address);
  if (!relay_suffix_ && parts.has_domain) {
    const auto listed = rcpthosts_.accepts(parts.domain);
    if (!listed) {
      return FrameExit::kTrouble;
    }
    if (!*listed) {
      fates_.push_back(Fate::not_listed);
      return std::nullopt;
    }
  }
  if (unfit || address.size() + suffix.size() >= proto::kFrameAddressMax) {
    fates_.push_back(Fate::unfit);
    return std::nullopt;
  }
  fates_.push_back(Fate::good);
  any_good_ = true;
  queue().recipient(base::concat({address, suffix}));
  return std::nullopt;
}

std::optional<int> QmtpServer::package_end() {
  if (!any_good_) {
    queue().give_up();
  }
  std::string text = verdict(queue());
  if (too_large_) {
    text = kTooLarge;
  } else if (bad_sender_) {
    text = kBadSender;
  }
  for (const Fate fate : fates_) {
    switch (fate) {
    case Fate::good:
      answer(text);
      break;
    case Fate::unfit:
      answer(kBadRecipient);
      break;
    case Fate::not_listed:
      answer(kNotListed);
      break;
    }
  }
  for (; without_room_ > 0; --without_room_) {
    answer(kNoRoom);
  }
  size_ = 0;
  too_large_ = bad_sender_ = any_good_ = false;
  envelope_ = {};
  fates_.clear();
  return std::nullopt;
}

class QmqpServer : public FrameServer {
 public:
  QmqpServer(const mail::NetworkPeer& peer, sys::Reader& input, sys::Writer& output,
             const sys::LeastRate& rate)
      : FrameServer(MailFrameParser::Protocol::qmqp, peer, input, output, rate) {}

 protected:
  std::optional<int> message_bytes(std::string_view bytes) override {
    queue().message(bytes);
    return std::nullopt;
  }

  std::optional<int> sender(std::string_view address, bool unfit) override {
    note(unfit);
    envelope_.add(address);
    queue().sender(unfit ? "" : address);
    return std::nullopt;
  }

  std::optional<int> recipient(std::string_view address, bool unfit) override {
    note(unfit);
    if (!envelope_.add(address)) {
      queue().give_up();
    } else if (!unfit) {
      queue().recipient(address);
    }
    return std::nullopt;
  }

  std::optional<int> package_end() override {
    const std::string text = verdict(queue());
    const std::string_view refusal = bad_ ? kBadAddress : kTooMany;
    answer(bad_ || !envelope_.fits() ? refusal : std::string_view(text));
    return FrameExit::kDone;
  }

 private:
  void note(bool unfit) {
    if (unfit) {
      bad_ = true;
      queue().give_up();
    }
  }

  EnvelopeSize envelope_;
  bool bad_ = false;
};

}  // namespace

int serve_qmtp(const QmtpdFiles& files, const ClientEnvironment& client, sys::Reader& input,
               sys::Writer& output, const sys::LeastRate& rate) {
  return QmtpServer(files, client, input, output, rate).run();
}

int serve_qmqp(const mail::NetworkPeer& peer, sys::Reader& input, sys::Writer& output,
               const sys::LeastRate& rate) {
  return QmqpServer(peer, input, output, rate).run();
}

}  // namespace reqmail::smtpd
