#include "judge/check.h"

#include <string_view>
#include <utility>

#include "base/number.h"
#include "base/text.h"
#include "judge/message.h"
#include "judge/result_text.h"
#include "net/dns_servers.h"
#include "sys/clock.h"
#include "sys/stream.h"

namespace reqmail::judge {

namespace {

Result<std::optional<auth822::SpfRequest>> spf_request(const CheckRequest& request,
                                                       const CheckSettings& settings,
                                                       std::uint64_t time) {
  if (!request.ip) {
    return std::optional<auth822::SpfRequest>();
  }
  const auto client = base::IpAddress::parse(*request.ip);
  if (!client) {
    return permanent(base::concat({"ip=", base::printable(*request.ip), " is no IP address"}));
  }
  auth822::SpfRequest spf;
  spf.client = *client;
  spf.helo = request.helo;
  spf.sender = request.sender;
  spf.time = time;
  spf.receiver = settings.receiver;
  spf.rules = settings.spf_rules;
  spf.guess = settings.spf_guess;
  spf.default_explanation =
      settings.spf_explanation.empty() ? kSpfExplanation : settings.spf_explanation;
  return std::optional(std::move(spf));
}

std::string text_of(const MessageResults& results,
                    const std::optional<auth822::SpfRequest>& spf) {
  std::string text;
  if (spf) {
    text += spf_text(*spf, *results.spf) + "\n";
  }
  for (const DkimResult& one : results.dkim) {
    text += dkim_text(one) + "\n";
  }
  return text + arc_text(results.arc) + "\n" + dmarc_text(results) + "\n";
}

}  // namespace

std::optional<CheckRequest> parse_check_arguments(const std::vector<std::string>& arguments) {
  CheckRequest request;
  for (const std::string& argument : arguments) {
    const std::size_t equals = argument.find('=');
    const std::string name = argument.substr(0, equals);
    const std::string value = equals == std::string::npos ? "" : argument.substr(equals + 1);
    if (name == "ip" && equals != std::string::npos) {
      request.ip = value;
    } else if (name == "helo") {
      request.helo = value;
    } else if (name == "sender") {
      request.sender = value;
    } else if (name == "time") {
      request.time = value;
    } else {
      return std::nullopt;
    }
  }
  return request;
}

Result<std::string> check_message(const CheckRequest& request, const CheckSettings& settings,
                                  int message) {
  auto time = static_cast<std::uint64_t>(sys::now().time_since_epoch().count());
  if (request.time) {
    const auto given = base::parse_u64(*request.time);
    if (!given) {
      return permanent(
          base::concat({"time=", base::printable(*request.time), " is no number"}));
    }
    time = *given;
  }
  const auto spf = spf_request(request, settings, time);
  if (!spf) {
    return spf.error();
  }
  auto servers = net::system_dns_servers();
  if (!servers) {
    return servers.error();
  }
  MessageCheck check({.spf = *spf}, time);
  sys::Reader input(message);
  for (;;) {
    const auto piece = input.peek();
    if (!piece) {
      return temporary("unable to read the message", piece.error().error);
    }
    if (piece->empty()) {
      break;
    }
    check.take(*piece);
    input.consume(piece->size());
  }
  net::DnsResolver resolver(std::move(*servers));
  return text_of(check.judge(resolver, sys::monotonic() + settings.time), *spf);
}

}  // namespace reqmail::judge
