// What qmail-remote's control files say.
#pragma once

#include "base/result.h"
#include "remote/attempt.h"

namespace reqmail::remote {

// Reads control/me, connectionidle, connectionmessages, helohost, timeoutconnect, timeoutremote,
// timeoutsession, smtproutes, authsenders and those of read_delivery_settings(), and hides this
// process's memory where they may hold passwords; the current directory is qmail's home. The
// Failure is what the report says where one of them cannot be read, or neither me nor helohost
// is there.
Result<Settings> read_remote_settings();

// Reads only what a delivery that another program has begun still needs: control/dane, danetrust,
// domainbindings, foldlines, helohostbyip, ipversions, moreipme, notipme, outgoingip,
// tlscapath, tlspolicy, tlspolicyfailopen, tlspolicyserver and tlsrptsocket. The Failure is the
// same.
Result<DeliverySettings> read_delivery_settings();

}  // namespace reqmail::remote
