// The chain of ARC sets in a header (RFC 8617 sections 4 and 5).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "auth822/dkim_signature.h"
#include "auth822/message_header.h"

namespace reqmail::auth822 {

// RFC 8617 section 4.2.1.
inline constexpr std::size_t kArcSetsMax = 50;

// The three fields of one instance.
struct ArcSet {
  const RawField* results = nullptr;  // ARC-Authentication-Results
  const RawField* message = nullptr;  // ARC-Message-Signature
  const RawField* seal = nullptr;     // ARC-Seal
  SignatureField message_signature;
  SignatureField seal_signature;
  std::string verdict;  // cv= of the seal
};

struct ArcChain {
  // From instance 1 up; empty: there is no chain.
  std::vector<ArcSet> sets;
  // Why the chain fails before any signature is looked at; empty if it may pass.
  std::string problem;
};

// `header` must outlive the chain.
ArcChain read_arc_chain(const MessageHeader& header);

// What the seal of an instance (from 1) signs: all sets up to its own.
std::string sealed_text(const ArcChain& chain, std::size_t instance);

}  // namespace reqmail::auth822
