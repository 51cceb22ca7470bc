// What qmail-smtpd asks qmail-mailauth in a session, and what it is told.
//
// The order: settings once. Then, as often as wanted, a sender, which is answered; a message:
// its beginning, pieces of it, and its end, which is answered, or that it is given up. Every
// answer comes within the seconds of the settings and a little more; who asks does not wait for
// longer. End of file ends the session.
//
// What one end writes the other takes for what it means and nothing more: lengths are cut and
// bytes that are not printable become "?" where it is read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "judge/frames.h"
#include "mail/sender_verdict.h"

namespace reqmail::judge {

// The first letters of the frames.
enum class FrameKind : char {
  settings = 's',
  sender = 'm',
  message = 'b',
  piece = 'd',
  end = 'e',
  give_up = 'x',
};

// What holds for the whole session.
struct SessionSettings {
  std::string receiver;  // control/me
  std::string client;    // the IP address as text; empty: not known
  std::string spf_rules;
  std::string spf_guess;
  std::string spf_explanation;
  std::uint64_t seconds = 0;  // timeoutdns: the limit of a step
};

struct SenderRequest {
  std::string sender;
  std::string helo;
  bool domain = false;  // whether the sender's domain exists
  bool spf = false;
  std::vector<std::string> lists;  // names to be looked up, each a list's answer on the client
};

struct SenderAnswer {
  mail::SenderDomain domain = mail::SenderDomain::unknown;
  mail::SpfWord spf = mail::SpfWord::temperror;
  std::string explanation;               // of SPF, for the client
  std::string received_spf;              // the whole field, without line ends
  std::string result;                    // in the words of Authentication-Results
  std::vector<mail::ListFinding> lists;  // in the order of the names
};

std::string encode(const SessionSettings& settings);
std::string encode(const SenderRequest& request);
std::string encode(const SenderAnswer& answer);

// Of a frame's content. Nullopt: it is no such frame, or settings of another release.
std::optional<SessionSettings> decode_settings(std::string_view content);
std::optional<SenderRequest> decode_sender_request(std::string_view content);
std::optional<SenderAnswer> decode_sender_answer(std::string_view content);

}  // namespace reqmail::judge
