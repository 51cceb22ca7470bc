// Values by message number, in little memory: a queue may hold a million messages.
//
// Entries lie beside each other without pointers (open addressing with linear probing), at most
// four in five places are taken, and a part that is full grows by a half. There are many small
// parts, so that a map that grows neither takes much time at once nor holds much memory twice.
//
// A reference to a value is valid until an entry is added or removed.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace reqmail::scheduler {

template <typename Value>
class NumberMap {
 public:
  // Null if there is no such number.
  Value* find(std::uint64_t number) {
    Part& part = part_of(number);
    const std::size_t place = part.find(number);
    return place < part.entries.size() && part.entries[place].used ? &part.entries[place].value
                                                                   : nullptr;
  }

  // The value of a number, made if there is none.
  Value& operator[](std::uint64_t number) {
    if (Value* value = find(number)) {
      return *value;
    }
    Part& part = part_of(number);
    if ((part.used + 1) * kMost.second > part.entries.size() * kMost.first) {
      part.grow();
    }
    ++part.used;
    ++size_;
    Entry& entry = part.entries[part.find(number)];
    entry = Entry{number, Value(), true};
    return entry.value;
  }

  void erase(std::uint64_t number) {
    Part& part = part_of(number);
    const std::size_t place = part.find(number);
    if (place < part.entries.size() && part.entries[place].used) {
      part.remove(place);
      --size_;
    }
  }

  [[nodiscard]] std::size_t size() const { return size_; }

  // Calls visit(number, value) for all of them, in no particular order. None may be added or
  // removed meanwhile.
  template <typename Visit>
  void for_each(const Visit& visit) {
    visit_all(*this, visit);
  }

  template <typename Visit>
  void for_each(const Visit& visit) const {
    visit_all(*this, visit);
  }

 private:
  struct Entry {
    std::uint64_t number = 0;
    Value value{};
    bool used = false;
  };

  static constexpr std::size_t kParts = 64;
  // The share of places that may be taken.
  static constexpr std::pair<std::size_t, std::size_t> kMost = {4, 5};
  static constexpr std::size_t kFirst = 8;

  // Spreads numbers, which are inode numbers and often follow each other (the finalizer of
  // SplitMix64).
  static std::uint64_t hash(std::uint64_t number) {
    number += 0x9e3779b97f4a7c15U;
    number = (number ^ (number >> 30U)) * 0xbf58476d1ce4e5b9U;
    number = (number ^ (number >> 27U)) * 0x94d049bb133111ebU;
    return number ^ (number >> 31U);
  }

  struct Part {
    std::vector<Entry> entries;
    std::size_t used = 0;

    // Where a number begins to be looked for.
    [[nodiscard]] std::size_t home(std::uint64_t number) const {
      // The upper half; the lower bits choose the part.
      const std::uint64_t upper = hash(number) >> 32U;
      return static_cast<std::size_t>(upper * entries.size() >> 32U);
    }

    [[nodiscard]] std::size_t after(std::size_t place) const {
      return place + 1 == entries.size() ? 0 : place + 1;
    }

    // The place of a number, or the free one where it belongs.
    [[nodiscard]] std::size_t find(std::uint64_t number) const {
      if (entries.empty()) {
        return 0;
      }
      std::size_t place = home(number);
      while (entries[place].used && entries[place].number != number) {
        place = after(place);
      }
      return place;
    }

    void grow() {
      std::vector<Entry> old(entries.size() < kFirst ? kFirst
                                                     : entries.size() + entries.size() / 2);
      old.swap(entries);
      for (Entry& entry : old) {
        if (entry.used) {
          entries[find(entry.number)] = std::move(entry);
        }
      }
    }

    // Closes the gap, so that no search ends too early.
    void remove(std::size_t gap) {
      --used;
      for (std::size_t place = after(gap); entries[place].used; place = after(place)) {
        const std::size_t wanted = home(entries[place].number);
        // Whether the entry may not stand before its home, which is after the gap.
        const bool stays =
            gap < place ? gap < wanted && wanted <= place : gap < wanted || wanted <= place;
        if (!stays) {
          entries[gap] = std::move(entries[place]);
          gap = place;
        }
      }
      entries[gap] = Entry{};
    }
  };

  template <typename Map, typename Visit>
  static void visit_all(Map& map, const Visit& visit) {
    for (auto& part : map.parts_) {
      for (auto& entry : part.entries) {
        if (entry.used) {
          visit(entry.number, entry.value);
        }
      }
    }
  }

  Part& part_of(std::uint64_t number) { return parts_[hash(number) % kParts]; }

  std::array<Part, kParts> parts_;
  std::size_t size_ = 0;
};

}  // namespace reqmail::scheduler
