// The socket through which every qmail-remote reaches the qmail-sign that qmail-rspawn keeps
// (mail/signing.h): a descriptor that a variable of the environment names, with the version of
// this release. Without it each delivery executes qmail-sign.
#pragma once

#include <optional>

namespace reqmail::remote {

// Where a child of qmail-rspawn has it.
inline constexpr int kSharedSignerDescriptor = 4;

// Names the descriptor in this process's environment, for its children, or not any more.
void offer_shared_signer();
void withdraw_shared_signer();

// Returns the descriptor if this process has inherited it from a qmail-rspawn of this release.
std::optional<int> inherited_signer();

}  // namespace reqmail::remote
