#include "sys/memory.h"

#include "compat/heap.h"
#include "compat/stack.h"

namespace reqmail::sys {

void give_back_memory() {
  compat::trim_heap();
}

void give_back_stack() {
  compat::trim_stack();
}

void separate_new_memory() {
  compat::trim_heap();
  compat::fill_holes();
}

}  // namespace reqmail::sys
