#include "sign/resident.h"

#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <utility>

#include "base/exit_code.h"
#include "control/file_name.h"
#include "sign/key_talk.h"
#include "sign/sign_message.h"
#include "sys/clock.h"
#include "sys/confine.h"
#include "sys/descriptor_io.h"
#include "sys/identity.h"
#include "sys/signals.h"

namespace reqmail::sign {

namespace {

// The descriptors of a child.
constexpr int kMessage = 0;
constexpr int kAnswer = 1;
constexpr int kTalk = 2;
constexpr int kFirstUnused = 3;
// qmail-remote waits no longer.
constexpr std::chrono::seconds kLongest = std::chrono::minutes(5);

// What read_signer_settings() reads.
constexpr const char* kFiles[] = {control::path("arcseal"), control::path("authservid"),
                                  control::path("dkimdomains"), control::path("dkimkeys"),
                                  control::path("me")};

// A process that is not root keeps its identity, so that the accounts need not be read.
std::optional<sys::Identity> identity_for_root() {
  return ::geteuid() == 0 ? sys::account_identity(sys::Account::qmailr) : std::nullopt;
}

}  // namespace

Resident::Resident(int socket)
    : socket_(socket), identity_(identity_for_root()), settings_(SignerSettings()) {}

Result<void> Resident::serve() {
  auto child_signal = sys::signals_to_pipe({SIGCHLD});
  if (!child_signal) {
    return child_signal.error();
  }
  // A qmail-remote that has ended reads no answer.
  sys::disregard_signals({SIGPIPE});
  while (receiving_ || !signings_.empty()) {
    watch(*child_signal);
    if (!poller_.wait()) {
      continue;
    }
    for (Signing& signing : signings_) {
      if (signing.watch && poller_.ready(*signing.watch)) {
        answer(signing);
      }
    }
    if (request_watch_ && poller_.ready(*request_watch_)) {
      take_requests();
    }
    if (poller_.ready(signal_watch_)) {
      reap(*child_signal);
    }
  }
  return {};
}

void Resident::watch(int child_signal) {
  poller_.clear();
  signal_watch_ = poller_.watch_read(child_signal);
  request_watch_.reset();
  if (receiving_ && signings_.size() < kSigningsMax) {
    request_watch_ = poller_.watch_read(socket_);
  }
  for (Signing& signing : signings_) {
    signing.watch.reset();
    if (signing.talk.valid()) {
      signing.watch = poller_.watch_read(signing.talk.get());
    }
  }
}

void Resident::take_requests() {
  while (signings_.size() < kSigningsMax) {
    const auto packet = sys::receive_packet(socket_, mail::kSigningRequestMax);
    if (!packet && packet.error().error == EAGAIN) {
      return;
    }
    const bool too_long = !packet && packet.error().error == EMSGSIZE;
    if (!too_long && (!packet || !*packet)) {
      receiving_ = false;
      return;
    }
    // Whoever sends nonsense reads the end of the pipe.
    const auto request = packet ? mail::parse_signing_request((*packet)->bytes) : std::nullopt;
    if (request && (*packet)->descriptor.valid() && (*packet)->second.valid()) {
      begin(*request, **packet);
    }
  }
}

void Resident::begin(const mail::SigningRequest& request, const sys::Packet& packet) {
  refresh_settings();
  auto pair = sys::make_packet_pair();
  if (!pair) {
    return;
  }
  sys::ChildSpec spec;
  spec.program = "bin/qmail-sign";
  spec.descriptors = {{packet.descriptor.get(), kMessage},
                      {packet.second.get(), kAnswer},
                      {pair->other.get(), kTalk}};
  spec.work = [this, &request] { return sign(request); };
  auto child = sys::spawn(spec);
  if (child) {
    signings_.push_back({*std::move(child), std::move(pair->one), store_.newest(), {}});
  }
}

// The work of a child, which returns its exit code.
int Resident::sign(const mail::SigningRequest& request) {
  // Whatever happens in it, it does not keep its place for ever.
  (void)::alarm(static_cast<unsigned>(kLongest.count()));
  if (!sys::confine(identity_, kFirstUnused, compat::Calls::receiving)) {
    return base::kExitTemporary;
  }
  const auto find = [this](const KeyUse& use) { return ask_for_keys(kTalk, use, store_); };
  const auto is_confined = [] { return Result<void>(); };
  const auto time = static_cast<std::uint64_t>(sys::now().time_since_epoch().count());
  Result<std::string> fields = std::string();
  if (settings_) {
    settings_->dkim = request.dkim;
    fields = sign_message(*settings_, {request.sender, kMessage, time}, find, is_confined);
  } else {
    fields = settings_.error();
  }
  return sys::write_all(kAnswer, mail::signing_answer(fields)) ? base::kExitSuccess
                                                               : base::kExitTemporary;
}

void Resident::refresh_settings() {
  std::vector<std::optional<sys::FileVersion>> now;
  for (const char* const path : kFiles) {
    now.push_back(sys::file_version(path));
  }
  // What could not be read is tried again.
  if (now != settings_seen_ || !settings_) {
    settings_ = read_signer_settings();
    settings_seen_ = std::move(now);
  }
}

// A child that has nothing more to ask, or asks nonsense, is heard no more.
void Resident::answer(Signing& signing) {
  const auto packet = sys::receive_packet(signing.talk.get(), kKeyQuestionMax);
  if (!packet && packet.error().error == EAGAIN) {
    return;
  }
  if (!packet || !*packet || !settings_ ||
      !answer_key_question(signing.talk.get(), (*packet)->bytes, *settings_, store_,
                           signing.newest_key)) {
    signing.talk.close();
  }
}

void Resident::reap(int child_signal) {
  sys::drain(child_signal);
  while (const auto ended = sys::reap()) {
    signings_.remove_if([&ended](Signing& signing) {
      return signing.child.pid() == ended->pid && signing.child.release() > 0;
    });
  }
}

}  // namespace reqmail::sign
