// Without a qmail-mailauth, neither at the socket nor as a child, every look-up counts as
// failed.
#include "smtpd/judge_client.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "net/listen_path.h"

namespace reqmail::smtpd {
namespace {

TEST(JudgeClient, WithoutTheProgramEverythingHasFailed) {
  JudgeClient client({}, base::Seconds(0), {"/nowhere/socket", {}});
  for (int again = 0; again < 2; ++again) {
    const judge::SenderAnswer answer = client.ask({"a@b.example", "h", true, true, {"x.bl"}});
    EXPECT_EQ(answer.domain, mail::SenderDomain::unknown);
    EXPECT_EQ(answer.spf, mail::SpfWord::temperror);
    EXPECT_TRUE(answer.lists.empty());
  }
}

// What comes with one call, of which there are few bytes.
std::string receive(int socket) {
  std::string bytes(4096, '\0');
  bytes.resize(static_cast<std::size_t>(
      std::max<ssize_t>(0, ::recv(socket, bytes.data(), bytes.size(), 0))));
  return bytes;
}

// Takes a session's first question and a message, and says what came together.
std::vector<std::string> serve_one(int listener) {
  pollfd waiting{listener, POLLIN, 0};
  (void)::poll(&waiting, 1, 10'000);
  const auto connection = net::accept_connection(listener);
  if (!connection) {
    return {};
  }
  judge::MessageAnswer passed;
  passed.dkim = "pass";
  std::vector<std::string> received;
  for (const std::string& answer : {encode(judge::SenderAnswer()), encode(passed)}) {
    received.push_back(receive(connection->get()));
    (void)::send(connection->get(), answer.data(), answer.size(), MSG_NOSIGNAL);
  }
  return received;
}

TEST(JudgeClient, SmallFramesGoTogether) {
  char directory[] = "/tmp/judge.XXXXXX";
  ASSERT_NE(::mkdtemp(directory), nullptr);
  const std::string path = std::string(directory) + "/socket";
  auto listener = net::listen_at_path(path);
  ASSERT_TRUE(listener);
  const judge::SessionSettings settings;
  const judge::MessageRequest request;
  const std::vector<std::string> expected = {encode(settings) + encode(judge::SenderRequest()),
                                             encode(request) + judge::encode_piece("a\n") +
                                                 judge::encode_piece("b\n") +
                                                 judge::encode_end()};
  const pid_t server = ::fork();
  if (server == 0) {
    ::_exit(serve_one(listener->get()) == expected ? 0 : 1);
  }
  JudgeClient client(settings, base::Seconds(10), {path, {}});
  client.begin_message(request);
  client.take_piece("a\n");
  client.take_piece("b\n");
  EXPECT_EQ(client.end_message().dkim, "pass");
  int status = -1;
  EXPECT_EQ(::waitpid(server, &status, 0), server);
  EXPECT_EQ(status, 0);
  (void)::unlink(path.c_str());
  (void)::rmdir(directory);
}

}  // namespace
}  // namespace reqmail::smtpd
