// A process that stays and makes remote deliveries, one after the other, and what qmail-rspawn
// and it say to each other.
//
// An order is a packet with the message's descriptor: four bytes, its number, and fields, each
// ended by NUL: host, sender, what QMAILDSN would say, and recipients, at least one, which go
// into one transaction. For each of them there is a result as that of spawn/worker.h, with the
// number of the order for the first, and the next numbers for the others; its output is the
// report of qmail-remote for this recipient alone.
//
// Descriptors 1 and 2 are a pipe, as those of an executed qmail-remote. If the process closes
// the socket before it has sent a result, its report is what it writes to the pipe until it
// ends, as with an executed program: it has become qmail-remote-tls, or has run out of memory.
//
// Where connections are kept, or there are several recipients, the process stays when it has
// become qmail-remote-tls, and takes orders as before.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "remote/handover.h"
#include "remote/main.h"

namespace reqmail::spawn {

struct RemoteOrder {
  std::string host;
  std::string sender;
  std::string wishes;
  std::vector<std::string> recipients;
};

std::string remote_order(std::uint32_t number, const RemoteOrder& order);

struct NumberedRemoteOrder {
  std::uint32_t number = 0;
  RemoteOrder order;
};

// Returns nullopt for a packet that is no order.
std::optional<NumberedRemoteOrder> parse_remote_order(std::string_view packet);

// Carries out the orders that come through descriptor 0. Returns when the other end sends no
// more, when nothing has come for ten seconds, or after a temporary failure before a server has
// answered for the recipient; an order that has come by then is given back, and later ones are
// refused (EPIPE). TLS is spoken by qmail-remote-tls, which is executed.
void serve_remote_deliveries();

// The same in that program, with TLS by what `make_tls` returns: first for the delivery with
// these arguments that was handed over, which says that the process stays. Returns also when
// the file of the program has changed.
void go_on_with_remote_deliveries(remote::Handover handover,
                                  const std::vector<std::string>& arguments,
                                  const remote::MakeRemoteTls& make_tls);

}  // namespace reqmail::spawn
