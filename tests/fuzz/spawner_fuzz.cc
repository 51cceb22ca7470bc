// Any bytes as what the spawners read from qmail-send, from their workers and from a
// qmail-getpw that stays, as an order to a worker, and as a command to qmail-clean: what is
// taken from them is bounded, means the same when it is sent again, and the pieces of a stream
// do not matter.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/packet_number.h"
#include "mail/clean_command.h"
#include "spawn/protocol.h"
#include "spawn/report.h"
#include "spawn/worker.h"
#include "users/lookup_service.h"
#include "users/user_lookup.h"

namespace {

namespace spawn = reqmail::spawn;
namespace users = reqmail::users;

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

std::vector<spawn::Order> orders(std::string_view text, std::size_t step) {
  spawn::OrderReader reader;
  std::vector<spawn::Order> found;
  for (std::size_t at = 0; at < text.size(); at += step) {
    std::string_view piece = text.substr(at, step);
    while (!piece.empty()) {
      if (auto order = reader.take(piece)) {
        found.push_back(*std::move(order));
      }
    }
  }
  return found;
}

void check_orders(std::string_view text) {
  constexpr std::size_t kPiece = 3;
  const auto whole = orders(text, text.size() + 1);
  const auto pieces = orders(text, kPiece);
  require(whole.size() == pieces.size());
  for (std::size_t i = 0; i < whole.size(); ++i) {
    const spawn::Order& order = whole[i];
    require(order.slot == pieces[i].slot && order.message == pieces[i].message &&
            order.sender == pieces[i].sender && order.recipient == pieces[i].recipient);
    require(order.slot <= 255 && order.recipient.find('\0') == std::string::npos);
    if (!spawn::refusal(order, 120, false)) {
      require(order.slot < 120 && order.message.size() <= spawn::kMessageNameMax);
      require(order.message.find_first_not_of("0123456789/") == std::string::npos);
      require(spawn::local_part(order).size() + 1 + spawn::domain(order).size() ==
              order.recipient.size());
    }
  }
}

// A report has one NUL, at its end.
void check_report(const std::string& report) {
  const std::string framed = spawn::frame_report(7, report);
  require(framed.find('\0') == framed.size() - 1 && framed.size() > 2);
  require(framed[1] == 'K' || framed[1] == 'Z' || framed[1] == 'D');
}

void check_worker(std::string_view packet) {
  if (const auto order = spawn::parse_worker_order(packet)) {
    require(spawn::worker_order(order->number, order->request) == packet);
  }
  if (const auto result = spawn::parse_worker_result(packet)) {
    require(spawn::worker_result(*result) == packet);
    check_report(
        spawn::local_report({.code = result->code}, spawn::Output{result->output, false}));
  }
}

void check_lookup(std::string_view packet) {
  if (const auto answer = users::parse_lookup_answer(packet)) {
    require(users::lookup_answer(answer->number, answer->answer) == packet);
    if (const auto user = users::parse_user(answer->answer.fields)) {
      require(users::parse_user(users::format_user(*user)).has_value());
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_orders(text);
  check_worker(text);
  check_lookup(text);
  check_report(spawn::remote_report({}, spawn::Output{std::string(text), false}));
  (void)reqmail::mail::parse_clean_command(text);
  return 0;
}
