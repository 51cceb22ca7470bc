// The part of qmail-send's executor that takes todo/N apart and makes info/N, local/N and
// remote/N of it.

#include <utility>

#include "queue/bounce_log.h"
#include "send/executor.h"

namespace reqmail::send {

using mail::QueueKind;
using scheduler::Channel;

void SendExecutor::perform(const scheduler::ReadTodo& action) {
  auto file = files_.open_read(layout_.path(QueueKind::todo, action.id));
  if (!file) {
    handle(scheduler::TodoUnreadable{action.id, scheduler::TodoFault::open});
    return;
  }
  const auto mess = files_.status(layout_.path(QueueKind::mess, action.id));
  if (!mess) {
    handle(scheduler::TodoUnreadable{action.id, scheduler::TodoFault::stat});
    return;
  }
  auto chunk = RecordReader(std::move(*file), chunk_).next();
  if (!chunk) {
    handle(scheduler::TodoUnreadable{action.id, scheduler::TodoFault::read});
    return;
  }
  scheduler::TodoFound found{action.id, mess->size, std::move(*chunk), std::nullopt};
  if (action.restart) {
    found.leftovers = read_leftovers(files_, layout_, action.id);
  }
  handle(found);
}

void SendExecutor::perform(const scheduler::ReadTodoPart& action) {
  if (action.first) {
    auto file = files_.open_read(layout_.path(QueueKind::todo, action.id));
    if (!file) {
      handle(scheduler::TodoUnreadable{action.id, scheduler::TodoFault::open});
      return;
    }
    todo_reader_ = RecordReader(std::move(*file), chunk_);
  }
  auto chunk = todo_reader_.next();
  if (!chunk || chunk->last) {
    todo_reader_ = RecordReader();
  }
  if (!chunk) {
    handle(scheduler::TodoUnreadable{action.id, scheduler::TodoFault::read});
    return;
  }
  handle(scheduler::TodoRead{action.id, std::move(*chunk)});
}

void SendExecutor::perform(const scheduler::CompareTodo& action) {
  auto comparer = action.first ? std::make_unique<RecipientComparer>(files_, layout_, action.id)
                               : std::exchange(comparer_, nullptr);
  const scheduler::TodoCompared compared = comparer->compare(action);
  if (!action.last && compared.same) {
    comparer_ = std::move(comparer);
  }
  handle(compared);
}

void SendExecutor::perform(const scheduler::WriteTodoResult& action) {
  if (action.remove_bounce) {
    (void)queue::remove_bounce(files_, layout_, action.id);
  }
  auto writer = action.first
                    ? std::make_unique<queue::TodoResultWriter>(files_, layout_, action.id)
                    : std::exchange(todo_writer_, nullptr);
  const auto trouble = writer->write(queue::TodoResult{
      action.info, action.recipients[Channel::local], action.recipients[Channel::remote]});
  scheduler::TodoWritten written{action.id, scheduler::WriteOutcome::written, {}};
  if (trouble) {
    written.trouble = trouble->text;
    written.outcome = scheduler::WriteOutcome::failed;
    if (trouble->step == queue::TodoStep::unlink) {
      written.outcome = scheduler::WriteOutcome::not_removed;
    } else if (trouble->step == queue::TodoStep::create && trouble->kind == QueueKind::info) {
      written.outcome = scheduler::WriteOutcome::info_not_created;
    }
    if (!action.first || !action.last) {
      writer->remove();
    }
  } else if (!action.last) {
    todo_writer_ = std::move(writer);
  }
  handle(written);
}

}  // namespace reqmail::send
