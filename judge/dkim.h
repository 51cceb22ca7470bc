// DKIM of one message (RFC 6376, 8301, 8463): the result of each signature from the top.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auth822/auth_word.h"
#include "auth822/dkim_signature.h"
#include "auth822/dns_facts.h"
#include "auth822/known_facts.h"
#include "auth822/message_header.h"
#include "judge/signatures.h"

namespace reqmail::judge {

// More are not verified, so that a message cannot ask for any amount of work.
inline constexpr std::size_t kSignaturesMax = 10;

struct DkimResult {
  auth822::AuthWord word = auth822::AuthWord::none;
  std::string why;
  auth822::SignatureLabels labels;
  std::string domain;  // d=, in lower case, of what was verified
};

class DkimCheck {
 public:
  // `header` must outlive the check. `time` in seconds since 1970. The hashes that the
  // signatures need are added to `bodies`, which is fed by the caller.
  DkimCheck(const auth822::MessageHeader& header, std::uint64_t time, BodyHashes& bodies);

  // The keys that are still needed.
  [[nodiscard]] const std::vector<auth822::DnsQuestion>& wants() const {
    return facts_.wants();
  }

  void answer(const auth822::DnsQuestion& question, auth822::DnsFacts facts) {
    (void)facts_.answer(question, std::move(facts));
  }

  // Once the body has ended and nothing is wanted. One result "none" if there is no signature.
  [[nodiscard]] std::vector<DkimResult> results() const;

 private:
  struct Entry {
    const auth822::RawField* field = nullptr;
    auth822::SignatureField parsed;
    std::size_t body = 0;
  };

  [[nodiscard]] DkimResult result_of(const Entry& entry) const;
  [[nodiscard]] SignatureVerdict verdict_on(const Entry& entry) const;

  const auth822::MessageHeader& header_;
  std::uint64_t time_;
  BodyHashes& bodies_;
  std::vector<Entry> entries_;
  auth822::KnownFacts facts_;
};

}  // namespace reqmail::judge
