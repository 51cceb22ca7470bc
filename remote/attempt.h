// One delivery to a remote host: find its addresses, connect to the first that answers,
// deliver.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "mail/dsn.h"
#include "net/address_versions.h"
#include "net/dns.h"
#include "net/local_addresses.h"
#include "remote/address_slots.h"
#include "remote/group_ends.h"
#include "remote/handover.h"
#include "remote/kept_connection.h"
#include "remote/smtproutes.h"
#include "remote/source_addresses.h"
#include "remote/tls_decision.h"
#include "tls/start_tls.h"

namespace reqmail::remote {

// However a server drags it out, a delivery ends after a day.
inline constexpr base::Seconds kSessionMax(86400);
// After this no further name is looked up and no further address tried: whoever owns a domain
// may list hundreds that do not answer.
inline constexpr base::Seconds kSearchMax(600);
// How long an address is waited for that has all the connections it may have: while some of
// them end, its turn will come; when none does, others need the place.
inline constexpr base::Seconds kShareWaitMoving(60);
inline constexpr base::Seconds kShareWaitStill(3);

// What the control files say about addresses.
struct AddressSettings {
  SourceRules sources;
  HelloNames hello_names;
  net::AddressVersions versions;
  net::AddressCorrections own;
  bool utf8 = false;              // smtputf8
  bool rewrites_senders = false;  // srs_domain
  bool rewrites_own = false;      // srs_alwaysrewrite
};

// What the control files say about all that follows the choice of a route.
struct DeliverySettings {
  AddressSettings addresses;
  TlsSettings tls;
  bool fold_lines = false;
  // Messages may have to be signed.
  bool signs = false;
};

// What the control files say.
struct Settings {
  std::string hello;
  SmtpRoutes routes;
  // They come before `routes`.
  SenderRoutes sender_routes;
  base::Seconds connect_timeout{0};
  base::Seconds timeout{0};
  base::Seconds session = kSessionMax;
  KeepSettings keep;
  DeliverySettings delivery;
};

struct Delivery {
  std::string host;
  std::string sender;
  std::vector<std::string> recipients;
  // A descriptor at the beginning of the message.
  int message = -1;
  // What the sender wants to be told.
  mail::DsnRequest dsn = {};
};

// Of the host that delivers.
struct Surroundings {
  // How names are looked up.
  net::DnsTransport& dns;
  // The table of time-outs.
  std::string timeouts;
  pid_t pid = 0;
  tls::StartTls& tls;
  // Who has how many connections; null: nobody counts.
  AddressSlots* slots = nullptr;
  // The connection that the delivery before has left, and that this one may leave; null: there
  // is no other delivery.
  KeptConnection* kept = nullptr;
  // Gets what became of each of several recipients; it stays empty if the report counts for
  // all.
  std::vector<RecipientEnd>* ends = nullptr;
  // Called when another program is to go on as a process that stays; it fills in all but what
  // this delivery knows. Empty: the program makes this delivery alone.
  std::function<Stay()> stay = {};
};

// Too few arguments, or an address that no SMTP command can hold.
Failure invoked_improperly();

// The whole report.
std::string attempt(const Settings& settings, const Delivery& delivery,
                    const Surroundings& surroundings);

// Goes on with a delivery that another process has begun. `delivery.host` was looked up
// already.
std::string resume(Handover handover, const DeliverySettings& settings,
                   const Delivery& delivery, const Surroundings& surroundings);

}  // namespace reqmail::remote
