#include "s3/multipart/upload_log.h"

#include "core/call_guard.h"

#include <algorithm>
#include <utility>

namespace audiostore {
namespace {

void put_in_order(std::vector<UploadedPart>& parts, UploadedPart part) {
  const auto place = std::ranges::lower_bound(parts, part.number, {}, &UploadedPart::number);
  if (place != parts.end() && place->number == part.number) {
    *place = std::move(part);
  } else {
    parts.insert(place, std::move(part));
  }
}

}  // namespace

void UploadLog::begun(std::string id, std::string mark) {
  const std::scoped_lock lock(mutex_);
  id_ = std::move(id);
  mark_ = std::move(mark);
  has_news_ = true;
}

void UploadLog::add(UploadedPart part) {
  const std::scoped_lock lock(mutex_);
  parts_.push_back(std::move(part));
  has_news_ = true;
}

void UploadLog::set(UploadCheckpoint state) {
  const std::scoped_lock lock(mutex_);
  state_ = std::move(state);
  has_news_ = true;
}

Result<void> UploadLog::catch_up() {
  {
    const std::scoped_lock lock(mutex_);
    if (!std::exchange(has_news_, false)) return {};
    if (!id_.empty()) {
      state_.upload_id = std::exchange(id_, {});
      state_.mark = std::exchange(mark_, {});
    }
    for (UploadedPart& part : std::exchange(parts_, {})) put_in_order(state_.parts, std::move(part));
  }
  if (!tell_) return {};
  return call_guarded("the checkpoint callback", [&]() -> Result<void> {
    tell_(state_);
    return {};
  });
}

}  // namespace audiostore
