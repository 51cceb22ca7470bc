#include "sys/memory.h"

#include "compat/heap.h"

namespace reqmail::sys {

void give_back_memory() {
  compat::trim_heap();
}

}  // namespace reqmail::sys
