// Where a recipient goes: percenthack, locals, virtualdomains, envnoathost (qmail-send(8)).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mail/recipient_routes.h"
#include "scheduler/events.h"

namespace reqmail::scheduler {

struct Route {
  Channel channel = Channel::remote;
  // The address as the spawner gets it: percent signs resolved, a virtual domain's prepend in
  // front.
  std::string recipient;
  bool unsure = false;  // as in mail::RecipientRoute
};

class Router {
 public:
  using Controls = mail::RecipientRoutes::Controls;

  explicit Router(const Controls& controls) : routes_(controls) {}

  // After HUP.
  void replace(const std::vector<std::string>& locals,
               const std::vector<std::string>& virtualdomains, bool utf8);

  // As in mail::RecipientRoutes.
  void convert_again() { routes_.convert_again(); }

  [[nodiscard]] Route route(std::string_view address) const;

  // A recipient without the prepend of its virtual domain, as bounces name it. A prepend that
  // an entry for a single address has put there stays.
  [[nodiscard]] std::string_view without_prepend(std::string_view recipient) const;

 private:
  mail::RecipientRoutes routes_;
};

// A sender that ends in "-@[]" asks for its own envelope sender per recipient:
// "list-@host-@[]" and "r@x" give "list-r=x@host" (addresses(5)). Others stay as they are.
std::string verp_sender(std::string_view sender, std::string_view recipient);

// The sender that gets the bounce: without the "-@[]".
std::string_view bounce_recipient(std::string_view sender);

}  // namespace reqmail::scheduler
