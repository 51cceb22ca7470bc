// ARC of one message (RFC 8617 section 5.2): whether its chain holds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "auth822/arc_chain.h"
#include "auth822/auth_word.h"
#include "auth822/dns_facts.h"
#include "auth822/known_facts.h"
#include "auth822/message_header.h"
#include "judge/signatures.h"

namespace reqmail::judge {

struct ArcResult {
  // none: no chain. temperror: a key could not be looked up.
  auth822::AuthWord word = auth822::AuthWord::none;
  std::string why;
  // How many sets the chain has, and whose seal is the newest; of a pass.
  std::size_t sets = 0;
  std::string sealer = {};
  // The value of the newest ARC-Authentication-Results field.
  std::string newest_results = {};
};

class ArcCheck {
 public:
  // As DkimCheck.
  ArcCheck(const auth822::MessageHeader& header, BodyHashes& bodies);

  [[nodiscard]] const std::vector<auth822::DnsQuestion>& wants() const {
    return facts_.wants();
  }

  void answer(const auth822::DnsQuestion& question, auth822::DnsFacts facts) {
    (void)facts_.answer(question, std::move(facts));
  }

  // Once the body has ended and nothing is wanted.
  [[nodiscard]] ArcResult result() const;

 private:
  [[nodiscard]] SignatureVerdict verify(const auth822::DkimSignature& signature,
                                        const std::string& text) const;
  [[nodiscard]] SignatureVerdict verify_message(const auth822::ArcSet& newest) const;
  // Why a chain whose sets are complete does not pass; absent if it does.
  [[nodiscard]] std::optional<ArcResult> find_fault() const;

  const auth822::MessageHeader& header_;
  BodyHashes& bodies_;
  auth822::ArcChain chain_;
  std::size_t body_ = 0;
  auth822::KnownFacts facts_;
};

}  // namespace reqmail::judge
