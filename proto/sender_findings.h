// What the DNS says about the client of a session and the sender of a transaction. Whoever asks
// the DNS fills it in; the policy decides what follows.
#pragma once

#include <string>
#include <string_view>

#include "mail/sender_verdict.h"

namespace reqmail::proto {

// What the lists of clients in the DNS come to (control/dnsbllist).
struct ListVerdict {
  enum class Word {
    pass,    // no list has decided
    ignore,  // listed where that is only logged
    accept,  // listed among the welcome ones
    delay,   // refused for now
    reject,  // refused for good
  };

  Word word = Word::pass;
  std::string text = {};  // of a refusal, for the client
};

// The value of RBLRESULT.
std::string_view list_word(ListVerdict::Word word);

struct SenderFindings {
  mail::SenderDomain domain = mail::SenderDomain::exists;
  mail::SpfWord spf = mail::SpfWord::none;
  std::string spf_explanation = {};  // of a result that may be refused, for the client
  ListVerdict lists = {};
};

}  // namespace reqmail::proto
