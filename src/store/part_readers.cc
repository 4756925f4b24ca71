#include "store/part_readers.h"

#include "core/call_guard.h"

#include <algorithm>

namespace audiostore {

PartReaders::PartReaders(const Plan& plan, ReadPart read_part, const std::stop_token& stop)
    : plan_(plan),
      read_part_(std::move(read_part)),
      on_stop_(stop, [this] { stop_.request_stop(); }),
      whole_to_(plan.slice.offset) {
  const std::uint64_t parts = (plan.slice.length - 1) / plan.part_bytes + 1;
  try {
    for (std::uint64_t i = 0; i < std::min<std::uint64_t>(parts, static_cast<std::uint64_t>(plan.threads)); ++i) {
      threads_.emplace_back([this] { work(); });
    }
  } catch (...) {
    stop_.request_stop();  // else those that have begun would read everything
    throw;
  }
}

PartReaders::~PartReaders() { stop_.request_stop(); }

PartReaders::State PartReaders::wait(std::uint64_t known_to, std::chrono::milliseconds at_most) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, stop_.get_token(), at_most, [&] { return failure_ || whole_to_ > known_to; });
  return {whole_to_, failure_};
}

void PartReaders::work() {
  while (const auto part = next()) {
    auto read = call_guarded("the store",
                             [&] { return read_part_(*part, stop_.get_token()).and_then([&] { return add(*part); }); });
    if (!read) return fail(std::move(read).error());
  }
}

std::optional<ByteRange::Slice> PartReaders::next() {
  const std::scoped_lock lock(mutex_);
  if (stop_.stop_requested() || begun_ == plan_.slice.length) return std::nullopt;
  const ByteRange::Slice part{plan_.slice.offset + begun_, std::min(plan_.part_bytes, plan_.slice.length - begun_)};
  begun_ += part.length;
  return part;
}

Result<void> PartReaders::add(const ByteRange::Slice& part) {
  const std::scoped_lock lock(mutex_);
  beyond_.emplace(part.offset, part.length);
  for (auto it = beyond_.begin(); it != beyond_.end() && it->first == whole_to_; it = beyond_.erase(it)) {
    whole_to_ += it->second;
  }
  changed_.notify_all();
  return {};
}

void PartReaders::fail(Error error) {
  {
    const std::scoped_lock lock(mutex_);
    if (!failure_) failure_ = std::move(error);
  }
  stop_.request_stop();  // wakes who waits, too
}

}  // namespace audiostore
