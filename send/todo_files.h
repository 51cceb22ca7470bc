// From todo/N to info/N, local/N and remote/N: reads the envelope, in parts if it is long,
// compares it with what an earlier qmail-send has made of it, and writes the files.
#pragma once

#include <cstddef>
#include <memory>

#include "mail/queue_names.h"
#include "queue/files.h"
#include "queue/todo.h"
#include "scheduler/actions.h"
#include "send/record_reader.h"

namespace reqmail::send {

// Each function performs an action and returns the event that answers it. One message at a time
// may be in parts.
class TodoFiles {
 public:
  // `chunk`: how much is read at once.
  TodoFiles(queue::Files& files, mail::QueueLayout layout, std::size_t chunk)
      : files_(files), layout_(layout), chunk_(chunk) {}

  scheduler::Event read(const scheduler::ReadTodo& action);
  scheduler::Event read(const scheduler::ReadTodoPart& action);
  scheduler::Event compare(const scheduler::CompareTodo& action);
  scheduler::Event write(const scheduler::WriteTodoResult& action);

 private:
  queue::Files& files_;
  mail::QueueLayout layout_;
  std::size_t chunk_;
  // Of the message in parts.
  RecordReader reader_;
  std::unique_ptr<RecipientComparer> comparer_;
  std::unique_ptr<queue::TodoResultWriter> writer_;
};

}  // namespace reqmail::send
