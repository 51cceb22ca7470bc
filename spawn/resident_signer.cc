#include "spawn/resident_signer.h"

#include <utility>

#include "base/text.h"
#include "mail/signing.h"
#include "remote/shared_signer.h"
#include "remote/signing_files.h"
#include "sys/clock.h"
#include "sys/file.h"
#include "sys/packets.h"
#include "sys/process.h"

namespace reqmail::spawn {

namespace {

// Times of files move in steps: a directory that has changed just now may change again without
// another time.
constexpr std::chrono::nanoseconds kSettled = std::chrono::seconds(1);

}  // namespace

ResidentSigner::ResidentSigner(std::string home, std::string mark)
    : home_(std::move(home)),
      program_(base::concat({home_, "/bin/qmail-sign"}), std::move(mark)) {}

std::optional<int> ResidentSigner::socket() {
  if (!is_wanted() || !program_.is_there()) {
    let_go();
    started_.reset();
    return std::nullopt;
  }
  if (started_ != program_.version()) {
    let_go();
    not_before_ = std::chrono::milliseconds(0);
  }
  if (!socket_.valid() && sys::monotonic() >= not_before_) {
    start();
  }
  return current();
}

bool ResidentSigner::is_wanted() {
  const auto now = sys::file_version(base::concat({home_, "/control"}));
  if (!now || now != control_) {
    wanted_ = remote::wants_signing(
        [this](std::string_view name) { return remote::is_control_file_there(home_, name); });
    control_ = now && sys::age(*now, sys::precise_now()) > kSettled ? now : std::nullopt;
  }
  return wanted_;
}

void ResidentSigner::start() {
  not_before_ = sys::monotonic() + kPause;
  started_ = program_.version();
  auto pair = sys::make_packet_pair();
  const auto null_device = sys::open_read_write("/dev/null");
  if (!pair || !null_device) {
    return;
  }
  sys::ChildSpec spec;
  spec.program = base::concat({home_, "/bin/qmail-sign"});
  spec.arguments = {"qmail-sign", std::string(mail::kSignerStays)};
  spec.directory = home_;
  spec.descriptors = {{pair->other.get(), 0}, {null_device->get(), 1}, {null_device->get(), 2}};
  spec.only_reads = true;
  auto child = sys::spawn(spec);
  if (!child) {
    return;
  }
  child_ = *std::move(child);
  socket_ = std::move(pair->one);
  ++generation_;
  remote::offer_shared_signer();
}

// The process ends when no delivery has the socket any more.
void ResidentSigner::let_go() {
  if (socket_.valid()) {
    socket_.close();
    ++generation_;
    (void)child_.release();
    remote::withdraw_shared_signer();
  }
}

void ResidentSigner::child_ended(pid_t child) {
  if (child_.valid() && child_.pid() == child) {
    let_go();
  }
}

}  // namespace reqmail::spawn
