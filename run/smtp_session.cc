#include "run/smtp_session.h"

#include <cerrno>
#include <cstddef>
#include <utility>

#include "base/text.h"
#include "proto/smtp_data_reader.h"
#include "sys/clock.h"

namespace reqmail::run {

namespace {

constexpr int kExitQuit = 0;
constexpr int kExitHungUp = 1;

}  // namespace

SmtpSession::SmtpSession(SmtpdConfig config, mail::NetworkPeer peer, sys::Reader& input,
                         sys::Writer& output)
    : rcpthosts_(std::move(config.rcpthosts)),
      peer_(std::move(peer)),
      server_(std::move(config.settings), *this),
      input_(input),
      output_(output) {}

int SmtpSession::run() {
  input_.before_read([this]() { return output_.flush(); });
  // Errors of writing stay in the Writer and come up at the next flush.
  (void)output_.put(server_.greeting());
  Next next = Next::go_on;
  while (next == Next::go_on) {
    next = command();
  }
  const bool flushed = output_.flush().has_value();
  return next == Next::quit && flushed ? kExitQuit : kExitHungUp;
}

SmtpSession::Next SmtpSession::command() {
  line_.clear();
  auto end = input_.get_line(line_, proto::kSmtpCommandMax);
  if (!end) {
    return lost_input(end.error());
  }
  switch (*end) {
  case sys::LineEnd::line:
    return carry_out(server_.handle(line_));
  case sys::LineEnd::too_long:
    return carry_out(proto::SmtpServer::line_too_long());
  case sys::LineEnd::end_of_file:
    break;
  }
  return Next::hang_up;
}

SmtpSession::Next SmtpSession::carry_out(const proto::SmtpStep& step) {
  (void)output_.put(step.reply);
  switch (step.action) {
  case proto::SmtpAction::none:
    break;
  case proto::SmtpAction::open_queue:
    return receive_message();
  case proto::SmtpAction::quit:
    return Next::quit;
  case proto::SmtpAction::hang_up:
    return Next::hang_up;
  }
  return Next::go_on;
}

SmtpSession::Next SmtpSession::receive_message() {
  const proto::SmtpTransaction transaction = server_.take_transaction();
  auto queue = queue::Injector::start();
  (void)output_.put(proto::SmtpServer::queue_opened(queue.has_value()).reply);
  if (!queue) {
    return Next::go_on;
  }
  proto::SmtpOutcome outcome;
  if (const Next next = transfer(*queue, outcome); next != Next::go_on) {
    return next;
  }
  queue->sender(transaction.sender);
  std::string_view rest = transaction.recipients;
  while (!rest.empty()) {
    const std::size_t end = rest.find('\0');
    queue->recipient(rest.substr(0, end));
    rest.remove_prefix(end + 1);
  }
  outcome.process = static_cast<std::uint64_t>(queue->pid());
  outcome.queued = queue->finish();
  outcome.time = sys::now();
  (void)output_.put(proto::SmtpServer::answer(outcome));
  return Next::go_on;
}

// Everything up to the final dot. A message that is refused for its size or its hops is read to
// its end, but the queue program gets no more of it.
SmtpSession::Next SmtpSession::transfer(queue::Injector& queue, proto::SmtpOutcome& outcome) {
  queue.message(mail::network_received(peer_, server_.helo(), kPlainSmtp, sys::now()));
  proto::SmtpDataReader data;
  proto::HopCounter hops;
  std::uint64_t size = 0;
  std::string block;
  while (data.state() == proto::SmtpDataState::more) {
    auto bytes = input_.peek();
    if (!bytes) {
      return lost_input(bytes.error());
    }
    if (bytes->empty()) {
      return Next::hang_up;
    }
    block.clear();
    input_.consume(data.feed(*bytes, block));
    size += block.size();
    hops.feed(block);
    outcome.too_many_hops = hops.too_many();
    outcome.too_large = server_.databytes() > 0 && size > server_.databytes();
    if (outcome.too_many_hops || outcome.too_large) {
      queue.give_up();
    } else {
      queue.message(block);
    }
  }
  if (data.state() == proto::SmtpDataState::refused) {
    return carry_out(proto::SmtpServer::bare_line_feed());
  }
  return Next::go_on;
}

SmtpSession::Next SmtpSession::lost_input(const Failure& failure) {
  if (failure.error == ETIMEDOUT) {
    return carry_out(proto::SmtpServer::timed_out());
  }
  return Next::hang_up;
}

// The interfaces are looked at only when a client names a host by address.
Result<bool> SmtpSession::owns(const proto::Ipv4Octets& address) {
  if (!own_addresses_) {
    auto found = net::LocalAddresses::of_this_host();
    if (!found) {
      return temporary("unable to figure out my IP addresses (#4.3.0)", found.error().error);
    }
    own_addresses_ = std::move(*found);
  }
  return own_addresses_->contains(net::IpAddress(address));
}

Result<bool> SmtpSession::accepts(std::string_view domain) {
  auto listed = rcpthosts_.accepts(domain);
  if (!listed) {
    return smtpd_controls_unreadable();
  }
  return listed;
}

}  // namespace reqmail::run
