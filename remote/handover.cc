#include "remote/handover.h"

#include <limits>

#include "base/narrow.h"
#include "base/netstring.h"
#include "base/number.h"
#include "remote/tls_policy.h"

namespace reqmail::remote {

namespace {

// A sequence of netstrings; lists have their length in front.
class FieldWriter {
 public:
  void text(std::string_view value) { base::append_netstring(out_, value); }

  // With room for both in advance: growing would leave a copy behind.
  void secrets(std::string_view first, std::string_view second) {
    constexpr std::size_t kFraming = 2 * (base::kNetstringDigitsMax + 2);
    out_.reserve(out_.size() + first.size() + second.size() + kFraming);
    text(first);
    text(second);
  }

  void number(std::uint64_t value) { text(base::decimal(value)); }

  void target(const Target& target) {
    text(target.name);
    text(target.address.text());
  }

  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

class FieldReader {
 public:
  explicit FieldReader(std::string_view in) : in_(in) {}

  std::string_view text() {
    const std::size_t colon = in_.find(':');
    const auto number = base::parse_u64(in_.substr(0, colon));
    const std::size_t left = colon == std::string_view::npos ? 0 : in_.size() - colon - 1;
    const std::size_t size = base::narrow<std::size_t>(number.value_or(left));
    if (!number || *number >= left || in_[colon + 1 + size] != ',') {
      sound_ = false;
      in_ = {};
      return {};
    }
    const std::string_view value = in_.substr(colon + 1, size);
    in_.remove_prefix(colon + 2 + size);
    return value;
  }

  std::uint64_t number(std::uint64_t most) {
    const auto value = base::parse_u64(text());
    sound_ = sound_ && value && *value <= most;
    return sound_ ? *value : 0;
  }

  Target target() {
    const std::string_view name = text();
    const auto address = base::IpAddress::parse(text());
    sound_ = sound_ && address && policy_name(name) == name;
    return sound_ ? Target{std::string(name), *address} : Target{};
  }

  [[nodiscard]] bool sound() const { return sound_; }

  [[nodiscard]] bool at_end() const { return in_.empty(); }

 private:
  std::string_view in_;
  bool sound_ = true;
};

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
  out.number(rest.uncertain ? 1 : 0);
  out.number(rest.addresses.size());
  for (const Target& target : rest.addresses) {
    out.target(target);
  }
  out.number(rest.groups.size());
  for (const auto& group : rest.groups) {
    out.number(group.size());
    for (const std::string& name : group) {
      out.text(name);
    }
  }
}

// A count that is too large ends with the fields.
RemainingTargets read_rest(FieldReader& in) {
  RemainingTargets rest;
  rest.uncertain = in.number(1) == 1;
  for (std::uint64_t left = in.number(kInt64Max); left > 0 && in.sound(); --left) {
    rest.addresses.push_back(in.target());
  }
  for (std::uint64_t left = in.number(kInt64Max); left > 0 && in.sound(); --left) {
    auto& group = rest.groups.emplace_back();
    for (std::uint64_t names = in.number(kInt64Max); names > 0 && in.sound(); --names) {
      group.emplace_back(in.text());
    }
  }
  return rest;
}

}  // namespace

std::string encode_handover(const Handover& handover) {
  FieldWriter out;
  out.number(static_cast<std::uint64_t>(handover.socket));
  out.target(handover.target);
  write_rest(out, handover.rest);
  out.text(handover.hello);
  out.number(static_cast<std::uint64_t>(handover.connect_timeout.count()));
  out.number(static_cast<std::uint64_t>(handover.timeout.count()));
  out.number(static_cast<std::uint64_t>(handover.end.count()));
  out.number(static_cast<std::uint64_t>(handover.session_end.count()));
  out.number(handover.shares ? 1 : 0);
  out.number(handover.port);
  const RunningSigner signer = handover.signer.value_or(RunningSigner{});
  out.number(static_cast<std::uint64_t>(signer.pid));
  out.number(signer.pid > 0 ? static_cast<std::uint64_t>(signer.output) : 0);
  out.secrets(handover.login.user, handover.login.password);
  return out.take();
}

std::optional<Handover> decode_handover(std::string_view text) {
  FieldReader in(text);
  Handover handover;
  handover.socket = static_cast<int>(in.number(kInt32Max));
  handover.target = in.target();
  handover.rest = read_rest(in);
  handover.hello = in.text();
  handover.connect_timeout = read_seconds(in);
  handover.timeout = read_seconds(in);
  handover.end = read_time(in);
  handover.session_end = read_time(in);
  handover.shares = in.number(1) == 1;
  handover.port = static_cast<std::uint16_t>(in.number(kPortMax));
  const auto signer = static_cast<pid_t>(in.number(kInt32Max));
  const auto output = static_cast<int>(in.number(kInt32Max));
  if (signer > 0) {
    handover.signer = RunningSigner{signer, output};
  }
  handover.login.user = in.text();
  handover.login.password = in.text();
  return in.sound() && in.at_end() ? std::optional(std::move(handover)) : std::nullopt;
}

}  // namespace reqmail::remote
