#include "net/dns_libresolv.h"

#include <arpa/nameser.h>
#include <netinet/in.h>
#include <resolv.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>

#include "sys/error.h"

namespace reqmail::net {

struct SystemDns::State {
  struct __res_state resolver = {};
  std::string buffer;
};

SystemDns::SystemDns() = default;

SystemDns::~SystemDns() {
  if (state_ != nullptr) {
    ::res_nclose(&state_->resolver);
  }
}

namespace {

unsigned char* as_unsigned(char* bytes) {
  return reinterpret_cast<unsigned char*>(bytes);
}

const unsigned char* as_unsigned(const char* bytes) {
  return reinterpret_cast<const unsigned char*>(bytes);
}

// Returns the bytes of the answer in `buffer`, or nullopt if none came. The library compares ID
// and question and asks the next server after SERVFAIL, NOTIMP and REFUSED.
std::optional<std::string_view> exchange(struct __res_state& resolver, const std::string& query,
                                         std::string& buffer) {
  buffer.resize(kDnsMessageMax + 1);
  const int length =
      ::res_nsend(&resolver, as_unsigned(query.data()), static_cast<int>(query.size()),
                  as_unsigned(buffer.data()), static_cast<int>(buffer.size()));
  // A length above the size of the buffer means that the answer was truncated.
  if (length < 0 || static_cast<std::size_t>(length) > buffer.size()) {
    return std::nullopt;
  }
  return std::string_view(buffer).substr(0, static_cast<std::size_t>(length));
}

bool is_format_error(std::string_view message) {
  constexpr std::size_t kCodeByte = 3;
  return message.size() > kCodeByte && (static_cast<unsigned char>(message[kCodeByte]) &
                                        0xfU) == static_cast<unsigned>(DnsCode::format_error);
}

}  // namespace

Result<std::string> SystemDns::ask(const DnsName& name, DnsType type) {
  if (state_ == nullptr) {
    state_ = std::make_unique<State>();
    if (::res_ninit(&state_->resolver) != 0) {
      state_ = nullptr;
      return temporary("unable to read resolv.conf", EIO);
    }
    // Without this option the library removes what servers say of verification.
    if (believes_) {
      state_->resolver.options |= RES_TRUSTAD;
    } else {
      state_->resolver.options &= ~static_cast<unsigned long>(RES_TRUSTAD);
    }
  }
  // IDs protect against forged answers, so they must not be predictable.
  std::array<std::uint16_t, 2> ids = {};
  if (::getentropy(ids.data(), sizeof ids) != 0) {
    return sys::system_failure("unable to get random bytes");
  }
  auto answer = exchange(state_->resolver, dns_query(ids[0], name, type, true, believes_),
                         state_->buffer);
  // A server without EDNS0 answers such a question with a format error.
  if (answer && is_format_error(*answer)) {
    answer = exchange(state_->resolver, dns_query(ids[1], name, type, false, believes_),
                      state_->buffer);
  }
  if (!answer) {
    return temporary("no answer from a name server", ETIMEDOUT);
  }
  return std::string(*answer);
}

}  // namespace reqmail::net
