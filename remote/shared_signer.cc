#include "remote/shared_signer.h"

#include <string>

#include "base/number.h"
#include "base/text.h"
#include "config.h"
#include "sys/env.h"
#include "sys/packets.h"

namespace reqmail::remote {

namespace {

constexpr const char* kVariable = "QMAILREMOTESIGNER";

std::string offer() {
  return base::concat({base::decimal(static_cast<std::uint64_t>(kSharedSignerDescriptor)), " ",
                       config::kVersion});
}

}  // namespace

void offer_shared_signer() {
  sys::set_environment_value(kVariable, offer());
}

void withdraw_shared_signer() {
  (void)sys::take_environment_value(kVariable);
}

std::optional<int> inherited_signer() {
  // A program between may have closed the descriptor.
  if (sys::environment_value(kVariable) != offer() ||
      !sys::is_packet_socket(kSharedSignerDescriptor)) {
    return std::nullopt;
  }
  return kSharedSignerDescriptor;
}

}  // namespace reqmail::remote
