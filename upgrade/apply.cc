#include "upgrade/apply.h"

#include "sys/exits.h"

namespace reqmail::upgrade {

int apply(const Request& /*request*/, sys::Writer& out) {
  (void)out.put("apply: not in this version\n");
  return sys::kExitTemporary;
}

int rollback(const Request& /*request*/, sys::Writer& out) {
  (void)out.put("rollback: not in this version\n");
  return sys::kExitTemporary;
}

}  // namespace reqmail::upgrade
