// What qmail-send knows of a message. Each member is one state; which of them go together is
// written down at Message and checked by trouble_of().
#pragma once

#include <cstdint>
#include <string_view>

#include "scheduler/channel.h"

namespace reqmail::scheduler {

// How far the files of a message are (see "A message's files" in scheduler.h).
enum class Stage : std::uint8_t {
  written,   // info/N and the recipient files are written, todo/N is there
  unsure,    // the same, but a sync has failed: the files must be written anew
  syncing,   // the files are being synced
  durable,   // the files are synced, but qmail-clean could not remove todo/N
  cleaning,  // qmail-clean has been asked for todo/N
  queued,    // todo/N is gone
  ending,    // qmail-clean has been asked for mess/N
};

// Where a message is on a channel.
enum class Place : std::uint8_t {
  none,     // it has no recipients, or no more: there is no file
  waiting,  // it is in the waiting line
  parked,   // it waits for users with too many deliveries (BusyUsers) or for domains
            // (DomainLimits)
  open,     // there is a job of it
  through,  // every recipient is done, but the file is still there because todo/N is
};

enum class Bounce : std::uint8_t {
  none,      // there is no bounce/N
  possible,  // there may be one
  running,   // a queue program is getting it
  sent,      // it is queued, but bounce/N could not be removed
};

// How far the message is on its way out.
enum class End : std::uint8_t {
  none,          // some recipient is not done yet
  due,           // all that can be done is done: the message is to leave
  put_off,       // a step of that has failed and is tried again later
  without_info,  // info/N is gone
};

// Tells whether recipients of a message have been seen. A message of an earlier qmail-send is
// read only when its time has come.
enum class Recipients : std::uint8_t { unseen, seen };

// Legal combinations:
//
//   end none           some channel is waiting, parked or open; the others are none or through
//   any other end      both channels are none or through
//   Bounce::running    end due; stage anything but ending
//   End::without_info  Bounce::none
//   Stage::ending      End::without_info, both channels none or through
// A queue may hold a million of them, so a message has no other member: what only a few have
// is kept elsewhere, by their numbers.
struct Message {
  Stage stage = Stage::queued;
  PerChannel<Place> place{};
  Bounce bounce = Bounce::possible;
  End end = End::none;
  Recipients recipients = Recipients::unseen;
  // The sender has been told that it takes long.
  bool delay_told = false;

  [[nodiscard]] bool todo_there() const {
    return stage != Stage::queued && stage != Stage::ending;
  }

  [[nodiscard]] bool all_through() const {
    for (const Channel channel : kChannels) {
      if (place[channel] != Place::none && place[channel] != Place::through) {
        return false;
      }
    }
    return true;
  }

  // Its end goes on as soon as nothing is under way for it.
  [[nodiscard]] bool is_leaving() const { return end == End::due || end == End::without_info; }
};

static_assert(sizeof(Message) == 7);

// Which rule of the legal combinations a message breaks; empty if it breaks none. Holds between
// two events when all actions of the first have been answered.
std::string_view trouble_of(const Message& message);

}  // namespace reqmail::scheduler
