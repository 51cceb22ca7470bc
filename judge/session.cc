#include "judge/session.h"

#include <unistd.h>

#include <utility>

#include "auth822/dns_list_check.h"
#include "auth822/received_spf.h"
#include "auth822/sender_domain_check.h"
#include "crypto/library.h"
#include "judge/dns_pump.h"
#include "judge/message_answer.h"
#include "judge/result_text.h"
#include "judge/spf.h"
#include "judge/together.h"
#include "sys/clock.h"
#include "sys/confine.h"
#include "sys/identity.h"
#include "sys/stream.h"

namespace reqmail::judge {

namespace {

constexpr int kFirstUnused = STDERR_FILENO + 1;

std::string domain_of(const std::string& sender) {
  const std::size_t at = sender.rfind('@');
  return at == std::string::npos ? std::string() : sender.substr(at + 1);
}

}  // namespace

bool Session::take(std::string_view content, std::string& answer) {
  answer.clear();
  if (!settings_) {
    return begin(content);
  }
  switch (static_cast<FrameKind>(FrameReader(content).letter())) {
  case FrameKind::sender:
    return judge_sender(content, answer);
  case FrameKind::message:
    return begin_message(content);
  case FrameKind::piece:
    return take_piece(content);
  case FrameKind::end:
    return end_message(answer);
  case FrameKind::give_up:
    message_.reset();
    return true;
  case FrameKind::settings:
    break;
  }
  return false;
}

bool Session::begin(std::string_view content) {
  settings_ = decode_settings(content);
  if (settings_) {
    client_ = base::IpAddress::parse(settings_->client);
  }
  return settings_.has_value();
}

std::chrono::milliseconds Session::end_of_step() const {
  return sys::monotonic() + step_time(settings_->seconds);
}

auth822::SpfRequest Session::spf_request(const SenderRequest& request) const {
  auth822::SpfRequest spf;
  spf.client = *client_;
  spf.helo = request.helo;
  spf.sender = request.sender;
  spf.receiver = settings_->receiver;
  spf.time = static_cast<std::uint64_t>(base::to_epoch(sys::now()));
  spf.default_explanation =
      settings_->spf_explanation.empty() ? kSpfExplanation : settings_->spf_explanation;
  spf.rules = settings_->spf_rules;
  spf.guess = settings_->spf_guess;
  return spf;
}

bool Session::judge_sender(std::string_view content, std::string& answer) {
  const auto request = decode_sender_request(content);
  if (!request) {
    return false;
  }
  Together all;
  std::optional<auth822::SpfCheck> spf;
  spf_.reset();
  spf_result_.reset();
  if (request->spf && client_) {
    spf_ = spf_request(*request);
    all.add(spf.emplace(*spf_));
  }
  std::optional<auth822::SenderDomainCheck> domain;
  if (request->domain) {
    all.add(domain.emplace(domain_of(request->sender)));
  }
  auth822::DnsListCheck lists(request->lists);
  all.add(lists);
  pump(all, resolver_, end_of_step());
  SenderAnswer found;
  found.spf = mail::SpfWord::none;
  if (spf) {
    spf_result_ = spf->result();
    const auth822::SpfResult& result = *spf_result_;
    found.spf = result.word;
    found.explanation = result.explanation;
    found.received_spf = received_spf(spf->request(), result);
    found.result = spf_text(spf->request(), result);
  }
  if (domain) {
    found.domain = domain->result();
  }
  found.lists = lists.results();
  answer = encode(found);
  return true;
}

bool Session::begin_message(std::string_view content) {
  auto request = decode_message_request(content);
  if (!request) {
    return false;
  }
  request_ = std::move(*request);
  MessageOptions options;
  options.spf = spf_;
  options.spf_result = spf_result_;
  options.dmarc = request_.dmarc != DmarcMode::off;
  const auto now = static_cast<std::uint64_t>(base::to_epoch(sys::now()));
  message_ = std::make_unique<MessageCheck>(std::move(options), now);
  return true;
}

bool Session::take_piece(std::string_view content) {
  const auto piece = decode_piece(content);
  if (!piece || !message_) {
    return false;
  }
  message_->take(*piece);
  return true;
}

bool Session::end_message(std::string& answer) {
  if (!message_) {
    return false;
  }
  const MessageResults results = message_->judge(resolver_, end_of_step());
  message_.reset();
  MessageOrigin origin;
  origin.client = settings_->client;
  origin.sender_domain = spf_ ? spf_domain(*spf_) : std::string();
  origin.time = static_cast<std::uint64_t>(base::to_epoch(sys::now()));
  answer = encode(message_answer(request_, results, origin));
  return true;
}

Result<void> serve_session(int socket) {
  auto servers = net::system_dns_servers();
  if (!servers) {
    return servers.error();
  }
  crypto::prepare_library();
  // Whoever is root here ran qmail-smtpd as root. Only root changes its identity.
  const auto identity =
      ::geteuid() == 0 ? sys::account_identity(sys::Account::qmaild) : std::nullopt;
  if (auto done = sys::confine(identity, kFirstUnused, compat::Calls::asking); !done) {
    return done;
  }
  return converse(socket, *std::move(servers));
}

Result<void> converse(int socket, net::DnsServers servers) {
  Session session(std::move(servers));
  FrameSplitter frames;
  sys::Reader input(socket);
  std::string answer;
  for (;;) {
    const auto bytes = input.peek();
    if (!bytes || bytes->empty()) {
      return bytes ? Result<void>() : bytes.error();
    }
    frames.feed(*bytes);
    input.consume(bytes->size());
    while (const auto frame = frames.next()) {
      if (!session.take(*frame, answer)) {
        return permanent("a frame without sense");
      }
      if (!answer.empty()) {
        if (auto sent = sys::write_all(socket, answer); !sent) {
          return sent;
        }
      }
    }
    if (frames.broken()) {
      return permanent("bytes that are no frame");
    }
  }
}

}  // namespace reqmail::judge
