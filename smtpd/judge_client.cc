#include "smtpd/judge_client.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "base/text.h"
#include "config.h"
#include "net/connect_path.h"
#include "smtpd/shared_judge.h"
#include "sys/clock.h"
#include "sys/poller.h"
#include "sys/process.h"

namespace reqmail::smtpd {

namespace {

// The additional time for starting, sending, and computing on a busy host.
constexpr base::Seconds kGrace{3};

// Fewer bytes than this wait for more.
constexpr std::size_t kWorthSending = 4096;

bool would_wait() {
  return errno == EAGAIN || errno == EINTR;
}

iovec part(std::string_view bytes) {
  // The kernel does not write to it.
  return {const_cast<char*>(bytes.data()), bytes.size()};
}

// Returns what sendmsg(2) does with the one followed by the other.
ssize_t send_both(int socket, std::string_view one, std::string_view other) {
  std::array parts = {part(one), part(other)};
  msghdr message = {};
  message.msg_iov = parts.data();
  message.msg_iovlen = parts.size();
  return ::sendmsg(socket, &message, MSG_NOSIGNAL);
}

// Waits until the socket is ready. Returns false if the time is over.
template <typename Watch>
bool wait(std::chrono::milliseconds end, Watch watch) {
  sys::Poller poller;
  watch(poller);
  const auto now = sys::monotonic();
  return now < end && poller.wait(end - now).has_value() && sys::monotonic() < end;
}

}  // namespace

JudgeClient::JudgeClient(judge::SessionSettings settings, base::Seconds limit,
                         JudgePlace resident)
    : settings_(std::move(settings)), limit_(limit), resident_(std::move(resident)) {}

bool JudgeClient::start() {
  if (started_) {
    return socket_.valid();
  }
  started_ = true;
  return connect() || start_child();
}

bool JudgeClient::connect() {
  Result<sys::Fd> socket = temporary("there is none", ENOENT);
  if (!resident_.path.empty()) {
    socket = net::connect_to_path(resident_.path, base::Seconds(0));
  } else if (resident_.shared.valid()) {
    socket = connect_to_shared_judge(resident_.shared.get(), settings_.client);
  }
  resident_.shared.close();
  if (!socket) {
    return false;
  }
  socket_ = *std::move(socket);
  introduce();
  replaceable_ = true;
  return true;
}

bool JudgeClient::start_child() {
  auto ends = sys::make_socket_pair();
  if (!ends) {
    return false;
  }
  sys::ChildSpec spec;
  spec.program = base::concat({config::kHome, "/bin/qmail-mailauth"});
  spec.arguments = {"qmail-mailauth", "session"};
  spec.descriptors = {{ends->other.get(), STDIN_FILENO}, {STDERR_FILENO, STDOUT_FILENO}};
  auto child = sys::spawn(spec);
  if (!child) {
    return false;
  }
  child_ = std::move(*child);
  socket_ = std::move(ends->one);
  sys::set_nonblocking(socket_.get());
  introduce();
  return true;
}

void JudgeClient::introduce() {
  unsent_ = encode(settings_);
}

void JudgeClient::lose() {
  socket_.close();
  child_.end();
  unsent_.clear();
  frames_ = {};
}

JudgeClient::Time JudgeClient::end_of_step() const {
  return sys::monotonic() + limit_ + kGrace;
}

bool JudgeClient::send(std::string_view frame, Time end) {
  std::string_view before = unsent_;
  while (!before.empty() || !frame.empty()) {
    const auto count = send_both(socket_.get(), before, frame);
    if (count >= 0) {
      const auto sent = static_cast<std::size_t>(count);
      const std::size_t of_first = std::min(sent, before.size());
      before.remove_prefix(of_first);
      frame.remove_prefix(sent - of_first);
    } else if (!would_wait() || !wait(end, [this](sys::Poller& poller) {
                 (void)poller.watch_write(socket_.get());
               })) {
      return false;
    }
  }
  unsent_.clear();
  return true;
}

std::optional<std::string_view> JudgeClient::receive(Time end) {
  for (;;) {
    if (const auto content = frames_.next()) {
      return content;
    }
    std::array<char, 8192> buffer;
    const auto count = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
    if (count > 0) {
      frames_.feed({buffer.data(), static_cast<std::size_t>(count)});
    } else if (count == 0 || frames_.broken() || !would_wait() ||
               !wait(end,
                     [this](sys::Poller& poller) { (void)poller.watch_read(socket_.get()); })) {
      return std::nullopt;
    }
  }
}

judge::SenderAnswer JudgeClient::ask(const judge::SenderRequest& request) {
  if (!start()) {
    return {};
  }
  const Time end = end_of_step();
  for (;;) {
    const auto content = send(encode(request), end) ? receive(end) : std::nullopt;
    auto answer = content ? judge::decode_sender_answer(*content) : std::nullopt;
    const bool another = std::exchange(replaceable_, false);
    if (answer) {
      return std::move(*answer);
    }
    lose();
    if (!another || sys::monotonic() >= end || !start_child()) {
      return {};
    }
  }
}

void JudgeClient::tell(std::string_view frame) {
  if (!socket_.valid()) {
    return;
  }
  if (unsent_.size() + frame.size() < kWorthSending) {
    unsent_.append(frame);
  } else if (!send(frame, end_of_step())) {
    lose();
  }
}

void JudgeClient::begin_message(const judge::MessageRequest& request) {
  // A message cannot be sent a second time, so a server that has answered nothing so far has to
  // answer an empty question first.
  if (start() && replaceable_) {
    (void)ask({});
  }
  tell(encode(request));
}

void JudgeClient::take_piece(std::string_view piece) {
  for (; !piece.empty(); piece.remove_prefix(std::min(piece.size(), judge::kPieceMax))) {
    tell(judge::encode_piece(piece.substr(0, judge::kPieceMax)));
  }
}

judge::MessageAnswer JudgeClient::end_message() {
  if (!socket_.valid()) {
    return {};
  }
  const Time end = end_of_step();
  const auto content = send(judge::encode_end(), end) ? receive(end) : std::nullopt;
  auto answer = content ? judge::decode_message_answer(*content) : std::nullopt;
  if (!answer) {
    lose();
    return {};
  }
  return std::move(*answer);
}

void JudgeClient::give_up_message() {
  if (socket_.valid() && !send(judge::encode_give_up(), end_of_step())) {
    lose();
  }
}

}  // namespace reqmail::smtpd
