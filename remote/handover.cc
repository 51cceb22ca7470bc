#include "remote/handover.h"

#include <limits>

#include "remote/handover_fields.h"

namespace reqmail::remote {

namespace {

constexpr std::uint64_t kInt32Max = std::numeric_limits<std::int32_t>::max();
constexpr std::uint64_t kInt64Max = std::numeric_limits<std::int64_t>::max();
constexpr std::uint64_t kPortMax = std::numeric_limits<std::uint16_t>::max();

base::Seconds read_seconds(FieldReader& in) {
  return base::Seconds(static_cast<std::int64_t>(in.number(kInt32Max)));
}

std::chrono::milliseconds read_time(FieldReader& in) {
  return std::chrono::milliseconds(static_cast<std::int64_t>(in.number(kInt64Max)));
}

void write_rest(FieldWriter& out, const RemainingTargets& rest) {
  out.flag(rest.uncertain);
  out.flag(rest.secure);
  out.number(rest.addresses.size());
  for (const Target& target : rest.addresses) {
    out.target(target);
  }
  out.number(rest.groups.size());
  for (const auto& group : rest.groups) {
    out.texts(group);
  }
}

// A count that is too large ends with the fields.
RemainingTargets read_rest(FieldReader& in) {
  RemainingTargets rest;
  rest.uncertain = in.flag();
  rest.secure = in.flag();
  for (std::uint64_t left = in.number(kInt64Max); left > 0 && in.sound(); --left) {
    rest.addresses.push_back(in.target());
  }
  for (std::uint64_t left = in.number(kInt64Max); left > 0 && in.sound(); --left) {
    rest.groups.push_back(in.texts());
  }
  return rest;
}

void write_policy(FieldWriter& out, const DomainPolicy& policy) {
  out.number(static_cast<std::uint64_t>(policy.level));
  out.texts(policy.match);
  out.text(policy.server_name);
  out.text(policy.type);
  out.text(policy.domain);
  out.texts(policy.strings);
  out.texts(policy.exchangers);
}

DomainPolicy read_policy(FieldReader& in) {
  DomainPolicy policy;
  policy.level =
      static_cast<TlsLevel>(in.number(static_cast<std::uint64_t>(TlsLevel::dane_only)));
  policy.match = in.texts();
  policy.server_name = in.text();
  policy.type = in.text();
  policy.domain = in.text();
  policy.strings = in.texts();
  policy.exchangers = in.texts();
  return policy;
}

void write_dane(FieldWriter& out, const DaneRecords& dane) {
  out.number(static_cast<std::uint64_t>(dane.state));
  out.text(dane.base);
  out.number(dane.records.size());
  for (const base::TlsaRecord& record : dane.records) {
    out.number(record.usage);
    out.number(record.selector);
    out.number(record.matching);
    out.text(record.data);
  }
}

DaneRecords read_dane(FieldReader& in) {
  constexpr std::uint64_t kByteMax = std::numeric_limits<std::uint8_t>::max();
  const auto byte = [&in] { return static_cast<std::uint8_t>(in.number(kByteMax)); };
  DaneRecords dane;
  dane.state = static_cast<DaneRecords::State>(
      in.number(static_cast<std::uint64_t>(DaneRecords::State::unknown)));
  dane.base = in.text();
  for (std::uint64_t left = in.number(kInt64Max); left > 0 && in.sound(); --left) {
    base::TlsaRecord record;
    record.usage = byte();
    record.selector = byte();
    record.matching = byte();
    record.data = in.text();
    dane.records.push_back(std::move(record));
  }
  return dane;
}

void write_findings(FieldWriter& out, const TlsFindings& findings) {
  out.flag(findings.of_server.has_value());
  if (findings.of_server) {
    write_policy(out, *findings.of_server);
  }
  out.flag(findings.dane.has_value());
  if (findings.dane) {
    out.text(findings.dane_name);
    write_dane(out, *findings.dane);
  }
}

TlsFindings read_findings(FieldReader& in) {
  TlsFindings findings;
  if (in.flag()) {
    findings.of_server = read_policy(in);
  }
  if (in.flag()) {
    findings.dane_name = in.text();
    findings.dane = read_dane(in);
  }
  return findings;
}

// Without the terms, which have a password.
void write_stay(FieldWriter& out, const std::optional<Stay>& stay) {
  out.flag(stay.has_value());
  if (!stay) {
    return;
  }
  out.number(stay->order);
  out.number(static_cast<std::uint64_t>(stay->message));
  out.flag(stay->wishes.has_value());
  out.text(stay->wishes.value_or(std::string()));
  out.number(stay->keep.messages);
  out.number(static_cast<std::uint64_t>(stay->keep.idle.count()));
}

std::optional<Stay> read_stay(FieldReader& in) {
  if (!in.flag()) {
    return std::nullopt;
  }
  Stay stay;
  stay.order = static_cast<std::uint32_t>(in.number(std::numeric_limits<std::uint32_t>::max()));
  stay.message = static_cast<int>(in.number(kInt32Max));
  const bool has_wishes = in.flag();
  std::string wishes(in.text());
  if (has_wishes) {
    stay.wishes = std::move(wishes);
  }
  stay.keep.messages = in.number(std::numeric_limits<std::uint64_t>::max());
  stay.keep.idle = base::Seconds(static_cast<std::int64_t>(in.number(kInt64Max)));
  return stay;
}

}  // namespace

std::string encode_handover(const Handover& handover) {
  FieldWriter out;
  out.number(static_cast<std::uint64_t>(handover.socket));
  out.target(handover.target);
  write_rest(out, handover.rest);
  out.text(handover.terms.hello);
  out.number(static_cast<std::uint64_t>(handover.terms.connect_timeout.count()));
  out.number(static_cast<std::uint64_t>(handover.terms.timeout.count()));
  out.number(static_cast<std::uint64_t>(handover.terms.end.count()));
  out.number(static_cast<std::uint64_t>(handover.terms.session_end.count()));
  out.flag(handover.terms.shares);
  out.number(handover.terms.port);
  const RunningSigner signer = handover.signer.value_or(RunningSigner{});
  out.number(static_cast<std::uint64_t>(signer.pid));
  out.number(handover.signer ? static_cast<std::uint64_t>(signer.output) : 0);
  write_findings(out, handover.tls);
  write_stay(out, handover.stay);
  out.secrets({handover.terms.login.user, handover.terms.login.password,
               handover.stay ? handover.stay->terms : std::string()});
  return out.take();
}

std::optional<Handover> decode_handover(std::string_view text) {
  FieldReader in(text);
  Handover handover;
  handover.socket = static_cast<int>(in.number(kInt32Max));
  handover.target = in.target();
  handover.rest = read_rest(in);
  handover.terms.hello = in.text();
  handover.terms.connect_timeout = read_seconds(in);
  handover.terms.timeout = read_seconds(in);
  handover.terms.end = read_time(in);
  handover.terms.session_end = read_time(in);
  handover.terms.shares = in.flag();
  handover.terms.port = static_cast<std::uint16_t>(in.number(kPortMax));
  const auto signer = static_cast<pid_t>(in.number(kInt32Max));
  const auto output = static_cast<int>(in.number(kInt32Max));
  // No signer writes to the standard input.
  if (output > 0) {
    handover.signer = RunningSigner{signer, output};
  }
  handover.tls = read_findings(in);
  handover.stay = read_stay(in);
  handover.terms.login.user = in.text();
  handover.terms.login.password = in.text();
  std::string terms(in.text());
  if (handover.stay) {
    handover.stay->terms = std::move(terms);
  }
  return in.sound() && in.at_end() ? std::optional(std::move(handover)) : std::nullopt;
}

}  // namespace reqmail::remote
