#include "sys/background.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <deque>
#include <utility>

#include "sys/fd.h"

namespace reqmail::sys {

namespace {

// The functions that tasks call need little stack.
constexpr std::size_t kStackSize = std::size_t{256} << 10;

class Lock {
 public:
  explicit Lock(pthread_mutex_t& mutex) : mutex_(mutex) { (void)::pthread_mutex_lock(&mutex_); }

  ~Lock() { (void)::pthread_mutex_unlock(&mutex_); }

  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;
  Lock(Lock&&) = delete;
  Lock& operator=(Lock&&) = delete;

 private:
  pthread_mutex_t& mutex_;
};

}  // namespace

struct ThreadPool::Shared {
  pthread_mutex_t mutex{};
  pthread_cond_t work_came{};
  // These are protected by the mutex.
  std::deque<std::unique_ptr<Task>> waiting;
  std::vector<std::unique_ptr<Task>> done;
  std::size_t idle = 0;
  bool closing = false;
  // Only the thread of the main loop uses these.
  std::vector<pthread_t> threads;
  std::size_t limit = 1;
  Pipe wake;

  Shared() {
    (void)::pthread_mutex_init(&mutex, nullptr);
    (void)::pthread_cond_init(&work_came, nullptr);
  }

  ~Shared() {
    (void)::pthread_cond_destroy(&work_came);
    (void)::pthread_mutex_destroy(&mutex);
  }

  // A wake-up that is lost would leave the loop waiting for ever.
  void wake_loop() const {
    while (::write(wake.write.get(), "", 1) < 0 && errno == EINTR) {
    }
  }

  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;
  Shared(Shared&&) = delete;
  Shared& operator=(Shared&&) = delete;
};

ThreadPool::ThreadPool(std::unique_ptr<Shared> shared) : shared_(std::move(shared)) {}

Result<std::unique_ptr<ThreadPool>> ThreadPool::make(std::size_t threads) {
  auto pipe = make_pipe();
  if (!pipe) {
    return pipe.error();
  }
  set_nonblocking(pipe->read.get());
  set_nonblocking(pipe->write.get());
  auto shared = std::make_unique<Shared>();
  shared->limit = threads;
  shared->wake = std::move(*pipe);
  return std::unique_ptr<ThreadPool>(new ThreadPool(std::move(shared)));
}

ThreadPool::~ThreadPool() {
  {
    const Lock lock(shared_->mutex);
    shared_->closing = true;
    shared_->waiting.clear();
  }
  (void)::pthread_cond_broadcast(&shared_->work_came);
  for (const pthread_t thread : shared_->threads) {
    (void)::pthread_join(thread, nullptr);
  }
}

std::size_t ThreadPool::width() const {
  return shared_->limit;
}

int ThreadPool::fd() const {
  return shared_->wake.read.get();
}

void* ThreadPool::serve(void* argument) {
  Shared& shared = *static_cast<Shared*>(argument);
  (void)::pthread_mutex_lock(&shared.mutex);
  for (;;) {
    ++shared.idle;
    while (shared.waiting.empty() && !shared.closing) {
      (void)::pthread_cond_wait(&shared.work_came, &shared.mutex);
    }
    --shared.idle;
    if (shared.closing) {
      break;
    }
    std::unique_ptr<Task> task = std::move(shared.waiting.front());
    shared.waiting.pop_front();
    (void)::pthread_mutex_unlock(&shared.mutex);
    task->work();
    (void)::pthread_mutex_lock(&shared.mutex);
    shared.done.push_back(std::move(task));
    if (shared.done.size() == 1) {
      // One byte wakes the loop for all tasks that are done when it looks.
      shared.wake_loop();
    }
  }
  (void)::pthread_mutex_unlock(&shared.mutex);
  return nullptr;
}

void ThreadPool::start_thread() {
  pthread_attr_t attributes;
  if (::pthread_attr_init(&attributes) != 0) {
    return;
  }
  (void)::pthread_attr_setstacksize(&attributes, kStackSize);
  // Only the main loop handles signals, so a new thread begins with all of them blocked.
  sigset_t all;
  sigset_t before;
  (void)::sigfillset(&all);
  (void)::pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t thread{};
  if (::pthread_create(&thread, &attributes, serve, shared_.get()) == 0) {
    shared_->threads.push_back(thread);
  }
  (void)::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  (void)::pthread_attr_destroy(&attributes);
}

void ThreadPool::submit(std::unique_ptr<Task> task) {
  bool busy = false;
  {
    const Lock lock(shared_->mutex);
    shared_->waiting.push_back(std::move(task));
    busy = shared_->idle < shared_->waiting.size();
  }
  if (busy && shared_->threads.size() < shared_->limit) {
    start_thread();
  }
  if (!shared_->threads.empty()) {
    (void)::pthread_cond_signal(&shared_->work_came);
    return;
  }
  const Lock lock(shared_->mutex);
  shared_->waiting.back()->work();
  shared_->done.push_back(std::move(shared_->waiting.back()));
  shared_->waiting.pop_back();
  shared_->wake_loop();
}

std::vector<std::unique_ptr<Task>> ThreadPool::take_done() {
  char bytes[16];
  (void)!::read(shared_->wake.read.get(), bytes, sizeof bytes);
  const Lock lock(shared_->mutex);
  return std::exchange(shared_->done, {});
}

}  // namespace reqmail::sys
