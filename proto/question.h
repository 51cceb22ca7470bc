// What the state machines of this folder ask their caller, since they do no input or output. A
// question is returned as a value, and the caller passes the answer by a method call: no code
// here ever waits.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "base/ip_address.h"
#include "base/result.h"
#include "mail/verdict_codec.h"
#include "proto/refusals.h"
#include "proto/sender_findings.h"
#include "proto/smtp_command.h"

namespace reqmail::proto {

// The sources that know which recipients exist, by the names of their control files.
enum class RecipientSource { validrcptto, recipients, realrcptto };

// The opinion of a source on a recipient.
enum class Opinion { none, yes, no, unsure };

struct Question {
  enum class About {
    own_address,    // Is `address` an address of this host?
    listed_domain,  // Do rcpthosts or morercpthosts.cdb list `domain`?
    tls_offered,    // May STARTTLS be used now?
    random_word,    // Which letters and digits, which nobody can guess, make a challenge?
    sender,         // What does the DNS say about `mailbox`, `helo` and the client?
    // Do the content filters refuse the sender `mailbox`, the recipient `mailbox`, the message
    // that is to come? `parameters` are those of MAIL or RCPT.
    filters_on_sender,
    filters_on_recipient,
    filters_on_data,
    // Do the policy services refuse the recipient `mailbox`, and do they if nobody else does?
    services_on_recipient,
    services_at_last,
    srs_address,  // May mail from `sender` go to `mailbox`, which may be an address of SRS?
    recipient,    // Does `mailbox` exist, according to `source`?
    checker,      // What is the verdict of RCPTCHECK on `mailbox` and `sender`?
  };

  About about = About::own_address;
  base::IpAddress address = {};
  std::string domain = {};   // without '@'; its case does not matter
  std::string mailbox = {};  // an address of the envelope
  std::string helo = {};     // the name in HELO; empty without one
  std::string sender = {};   // of the envelope
  RecipientSource source = RecipientSource::validrcptto;
  bool found = false;   // a source knows the recipient
  bool listed = false;  // rcpthosts or morercpthosts.cdb list its domain
  std::string parameters = {};
};

struct Answer {
  bool yes = false;
  std::string word = {};            // answer to random_word; why recipient is unsure
  Opinion opinion = Opinion::none;  // answer to recipient
  // The answer to checker; `word` is what the program has written for the client.
  mail::RecipientCheck check = mail::RecipientCheck::no_opinion;
  std::string said = {};
  SenderFindings sender = {};                     // the answer to `sender`
  std::optional<Refusal> refusal = std::nullopt;  // from filters, services and SRS
};

// The answers to the questions that one check has asked so far, in the order of the questions.
// A Failure says whether another try may succeed; the check decides what that means for the
// client.
using Answers = std::span<const Result<Answer>>;

}  // namespace reqmail::proto
