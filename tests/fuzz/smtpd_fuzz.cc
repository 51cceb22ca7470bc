// Any bytes as the input of an SMTP client: there is no recipient outside of the accepted
// domain, reply lines are complete, and the pieces into which data are divided do not change
// the result.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/ascii.h"
#include "base/text.h"
#include "mail/verdict_codec.h"
#include "proto/smtp_data_reader.h"
#include "proto/smtp_server.h"

namespace {

using namespace reqmail;  // NOLINT(google-build-using-namespace)

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

Result<proto::Answer> answer(const proto::Question& question) {
  switch (question.about) {
  case proto::Question::About::own_address:
    return proto::Answer{.yes = question.address.bytes()[0] == 127};
  case proto::Question::About::listed_domain:
    return proto::Answer{.yes = base::equal_ci(question.domain, "here.example")};
  case proto::Question::About::tls_offered:
  case proto::Question::About::sender:
  case proto::Question::About::filters_on_sender:
  case proto::Question::About::filters_on_recipient:
  case proto::Question::About::filters_on_data:
  case proto::Question::About::services_on_recipient:
  case proto::Question::About::services_at_last:
  case proto::Question::About::srs_address:
  case proto::Question::About::recipient:
  case proto::Question::About::checker:
    return proto::Answer{.yes = true};
  case proto::Question::About::random_word:
    break;
  }
  return proto::Answer{.word = "0123456789abcdef"};
}

void check_recipients(const proto::SmtpEnvelope& transaction) {
  require(transaction.sender.find('\0') == std::string::npos);
  std::string_view rest = transaction.recipients;
  std::uint64_t count = 0;
  while (!rest.empty()) {
    const std::size_t end = rest.find('\0');
    require(end != std::string_view::npos && end <= proto::kSmtpAddressMax);
    const std::string_view address = rest.substr(0, end);
    require(address.find('@') == std::string_view::npos ||
            base::ends_with_ci(address, "@here.example"));
    rest.remove_prefix(end + 1);
    ++count;
  }
  require(count == transaction.recipient_count && count > 0);
}

void check_credentials(const proto::SaslCredentials& credentials) {
  require(!credentials.user.empty() && !credentials.secret.empty());
  require(credentials.user.find('\0') == std::string::npos);
  require(credentials.user.find('\n') == std::string::npos);
  require(credentials.secret.find('\0') == std::string::npos);
  require(credentials.challenge.empty() ==
          (credentials.mechanism != proto::SaslMechanism::cram_md5));
}

void talk(std::string_view text) {
  proto::SmtpServerSettings settings;
  settings.greeting = "mx.example";
  settings.own_host = "here.example";
  settings.auth = proto::smtp_auth_policy("+cram");
  settings.auth.in_clear = true;
  proto::SmtpServer server(settings);
  for (const std::string_view line : base::split(text, '\n')) {
    proto::SmtpStep step = server.handle(line);
    while (step.action == proto::SmtpAction::ask) {
      require(step.reply.empty());
      step = server.answer(answer(*step.question));
    }
    if (step.action == proto::SmtpAction::check_user) {
      require(step.reply.empty());
      check_credentials(*step.credentials);
      // No login succeeds, so no client may relay.
      step = server.checked(*step.credentials, mail::LoginVerdict::refused);
    }
    if (step.action == proto::SmtpAction::start_tls) {
      require(step.reply.empty() && !server.security());
      server.secured({"CIPHER"});
      require(!server.helo() && server.envelope().sender.empty());
    } else if (step.action == proto::SmtpAction::open_queue) {
      require(step.reply.empty());
      check_recipients(server.envelope());
      require(server.queue_opened(1).action == proto::SmtpAction::receive);
      require(server.end_of_data({}).action == proto::SmtpAction::finish_queue);
      require(server.queued({}).event.has_value() && server.envelope().sender.empty());
    } else {
      require(step.reply.size() > 5 && step.reply.ends_with("\r\n"));
      if (step.action != proto::SmtpAction::none) {
        return;
      }
    }
  }
}

struct Stored {
  proto::SmtpDataState state;
  std::string message;
  std::size_t used = 0;
};

Stored store(std::string_view bytes, std::size_t piece) {
  proto::SmtpDataReader reader;
  Stored stored{proto::SmtpDataState::more, {}, 0};
  while (stored.used < bytes.size() && reader.state() == proto::SmtpDataState::more) {
    stored.used += reader.feed(bytes.substr(stored.used, piece), stored.message);
  }
  stored.state = reader.state();
  return stored;
}

void transfer(std::string_view bytes) {
  const Stored whole = store(bytes, bytes.size() + 1);
  for (const std::size_t piece :
       {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{7}}) {
    const Stored cut = store(bytes, piece);
    require(cut.state == whole.state);
    if (whole.state != proto::SmtpDataState::refused) {
      require(cut.message == whole.message && cut.used == whole.used);
    }
  }
  if (whole.state == proto::SmtpDataState::ended) {
    const std::string_view taken = bytes.substr(0, whole.used);
    require(taken == ".\r\n" || taken.ends_with("\r\n.\r\n"));
    require(taken.substr(0, taken.size() - 3).find("\r\n.\r\n") == std::string_view::npos);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  talk(text);
  transfer(text);
  return 0;
}
