// What the DNS says about the client of a session and the sender of a transaction. The code
// that asks the DNS fills it in, and the policy decides what follows.
#pragma once

#include <string>
#include <string_view>

#include "mail/sender_verdict.h"

namespace reqmail::proto {

// The result of the lists of clients in the DNS (control/dnsbllist).
struct ListVerdict {
  enum class Word {
    pass,    // no list has decided
    ignore,  // the client is in a list whose results are only logged
    accept,  // the client is in a list of welcome clients
    delay,   // the client is refused temporarily
    reject,  // the client is refused permanently
  };

  Word word = Word::pass;
  std::string text = {};  // the text of a refusal, for the client
};

// Returns the value of RBLRESULT.
std::string_view list_word(ListVerdict::Word word);

struct SenderFindings {
  mail::SenderDomain domain = mail::SenderDomain::exists;
  mail::SpfWord spf = mail::SpfWord::none;
  std::string spf_explanation = {};  // the text for the client, if the result may be refused
  ListVerdict lists = {};
};

}  // namespace reqmail::proto
