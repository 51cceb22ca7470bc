#include "tests/unit/support/scripted_qmailq.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <utility>

#include "config.h"
#include "mail/queue_service.h"
#include "sys/file_version.h"
#include "sys/local_socket.h"
#include "sys/packets.h"
#include "sys/poller.h"
#include "sys/process.h"
#include "tests/unit/support/private_host.h"
#include "tests/unit/support/temporary_home.h"

namespace reqmail::testing {

namespace {

std::string program_path() {
  return std::string(config::kHome) + "/bin/qmail-queue";
}

}  // namespace

bool ScriptedQmailq::make_home() {
  static const bool made = tests::enter_private_home();
  if (made) {
    (void)::mkdir((std::string(config::kHome) + "/bin").c_str(), 0755);
    put_file(program_path(), "the program", 0755);
  }
  return made;
}

ScriptedQmailq::~ScriptedQmailq() {
  (void)::unlink(socket_path().c_str());
}

std::string ScriptedQmailq::socket_path() {
  return std::string(config::kHome) + std::string(mail::kQueueSocket);
}

void ScriptedQmailq::serve(const Script& script) {
  auto listener = sys::listen_at(socket_path(), {::getuid(), ::getgid()}, 0600);
  ASSERT_TRUE(listener);
  sys::ChildSpec spec;
  spec.descriptors = {{listener->get(), 0}};
  spec.work = [script] {
    for (;;) {
      const auto client = sys::take_connection(0);
      if (client) {
        return script(*client);
      }
      sys::pause_for(std::chrono::milliseconds(1));
    }
  };
  auto child = sys::spawn(spec);
  ASSERT_TRUE(child);
  child_ = std::move(*child);
}

int ScriptedQmailq::result() {
  const auto end = child_.wait();
  return end && !end->crashed ? end->code : -1;
}

std::string ScriptedQmailq::next(const sys::Fd& client) {
  constexpr std::size_t kLongest = 200'000;
  for (;;) {
    auto packet = sys::receive_packet(client.get(), kLongest);
    if (packet) {
      return *packet ? (*packet)->bytes : "<end>";
    }
    if (packet.error().error != EAGAIN) {
      return "<error>";
    }
    sys::pause_for(std::chrono::milliseconds(1));
  }
}

void ScriptedQmailq::await_opening(const sys::Fd& client) {
  sys::Poller poller;
  (void)poller.watch_read(client.get());
  EXPECT_TRUE(poller.wait());
}

void ScriptedQmailq::greet(const sys::Fd& client) {
  const std::string program =
      sys::to_text(sys::file_version(program_path()).value_or(sys::FileVersion()));
  EXPECT_TRUE(sys::send_packet(client.get(), mail::queue_greeting({77, program})));
}

}  // namespace reqmail::testing
