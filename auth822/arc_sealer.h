// The sealing of a message that is passed on (RFC 8617 section 5.1): a new ARC set whose
// results are those that this host found on arrival.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "auth822/arc_chain.h"
#include "auth822/dkim_signer.h"
#include "auth822/message_header.h"

namespace reqmail::auth822 {

// A seal without its signature, and what the key signs.
struct UnsignedSeal {
  UnsignedField field;
  std::string text;
};

class ArcSealer {
 public:
  // `own_results` is the Authentication-Results field of this host. Nullopt: no set is added,
  // since the results do not say whether the chain of the message is good, or the chain has
  // ended. `header` must outlive this object.
  static std::optional<ArcSealer> begin(const MessageHeader& header,
                                        const RawField& own_results);

  // The number of the new set.
  [[nodiscard]] std::size_t instance() const { return instance_; }

  // The ARC-Authentication-Results field, with its line end.
  [[nodiscard]] const std::string& results() const { return results_.raw; }

  // `message_signature` is the whole ARC-Message-Signature field of the new set.
  [[nodiscard]] UnsignedSeal seal(const SignatureRequest& request,
                                  std::string_view message_signature) const;

 private:
  ArcSealer(ArcChain chain, std::string_view verdict, const RawField& own_results);

  ArcChain chain_;
  std::string_view verdict_;
  std::size_t instance_;
  RawField results_;
};

}  // namespace reqmail::auth822
