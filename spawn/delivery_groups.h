// Deliveries of one message to one host that are ordered close together, as groups that one
// transaction can carry (control/transactionrecipients).
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "spawn/remote_worker.h"
#include "sys/file_version.h"

namespace reqmail::spawn {

// What a worker needs to know to begin; that of the first delivery counts for its group.
struct GroupStart {
  int message = -1;
  // The version of qmail-remote.
  sys::FileVersion program;
  std::function<void()> forget;
};

struct DeliveryGroup {
  // The name of the message.
  std::string message;
  RemoteOrder order;
  // Of each recipient of the order.
  std::vector<unsigned> slots;
  GroupStart start;
  // Of its recipients.
  std::size_t bytes = 0;
  // When it has waited long enough, and when it has at the latest.
  std::chrono::milliseconds due{0};
  std::chrono::milliseconds last_due{0};
};

class DeliveryGroups {
 public:
  // A group waits for further recipients for so long after the last one, and after the first.
  static constexpr std::chrono::milliseconds kPause{2};
  static constexpr std::chrono::milliseconds kGather{5};
  // No group has more bytes of recipients.
  static constexpr std::size_t kBytesMax = std::size_t{32} << 10;

  explicit DeliveryGroups(std::size_t recipients_max) : recipients_max_(recipients_max) {}

  // Returns whether there are groups.
  [[nodiscard]] bool are_wanted() const { return recipients_max_ > 1; }

  struct Joiner {
    std::string_view message;
    std::string_view host;
    std::string_view sender;
    std::string_view recipient;
    unsigned slot = 0;
  };

  // Adds a delivery to the group of the same message, sender and host, whose wishes are those
  // of the message. Returns false if none takes it: a recipient that is not of printable ASCII
  // characters is alone in its group.
  bool join(const Joiner& joiner, std::chrono::milliseconds now);

  // Begins a group with a delivery, whose order has one recipient.
  void begin(const std::string& message, const RemoteOrder& order, unsigned slot,
             const GroupStart& start, std::chrono::milliseconds now);

  // Takes out the groups that are full or have waited long enough.
  std::vector<DeliveryGroup> take_due(std::chrono::milliseconds now);

  // Returns the time when take_due() has one.
  [[nodiscard]] std::optional<std::chrono::milliseconds> first_due() const;

  void clear() { groups_.clear(); }

 private:
  [[nodiscard]] bool takes(const DeliveryGroup& group, const Joiner& joiner) const;

  std::size_t recipients_max_;
  std::list<DeliveryGroup> groups_;
};

}  // namespace reqmail::spawn
