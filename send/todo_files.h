// Preprocesses a message: reads the envelope in todo/N, in parts if it is long, compares it
// with the result of an earlier qmail-send, and writes info/N, local/N and remote/N.
#pragma once

#include <cstddef>
#include <memory>

#include "mail/queue_names.h"
#include "queue/files.h"
#include "queue/todo.h"
#include "scheduler/actions.h"
#include "send/open_lists.h"
#include "send/record_reader.h"

namespace reqmail::send {

// Each function performs an action and returns the event that answers it. Only one message at a
// time may be processed in parts.
class TodoFiles {
 public:
  // `lists` gets the recipient files that are written. `chunk` is the number of bytes that are
  // read at once.
  TodoFiles(queue::Files& files, mail::QueueLayout layout, OpenLists& lists, std::size_t chunk)
      : files_(files), layout_(layout), lists_(lists), chunk_(chunk) {}

  scheduler::Event read(const scheduler::ReadTodo& action);
  scheduler::Event read(const scheduler::ReadTodoPart& action);
  scheduler::Event compare(const scheduler::CompareTodo& action);
  // `no_leftovers` is that of TodoResultWriter.
  scheduler::Event write(const scheduler::WriteTodoResult& action, bool no_leftovers);

 private:
  queue::Files& files_;
  mail::QueueLayout layout_;
  OpenLists& lists_;
  std::size_t chunk_;
  // The reader of the message that is processed in parts.
  RecordReader reader_;
  std::unique_ptr<RecipientComparer> comparer_;
  std::unique_ptr<queue::TodoResultWriter> writer_;
};

}  // namespace reqmail::send
