#include "store/transfer.h"

#include "store/conditions.h"
#include "store/digest_check.h"

#include <algorithm>
#include <vector>

namespace audiostore {

Result<void> transfer(const Payload& bytes, ByteRange::Slice slice, const ByteSink& sink, const CallGuard& guard) {
  constexpr std::uint64_t piece_bytes = std::uint64_t{64} * 1024;
  std::vector<std::byte> buffer(static_cast<std::size_t>(std::min(piece_bytes, slice.length)));
  for (std::uint64_t done = 0; done < slice.length;) {
    const auto piece = std::span(buffer).first(std::min<std::uint64_t>(buffer.size(), slice.length - done));
    if (auto read = bytes.read_at(slice.offset + done, piece); !read) return read;
    if (auto taken = sink(piece); !taken) return taken;
    done += piece.size();
    if (auto go_on = guard.advance({done, slice.length}); !go_on) return go_on;
  }
  return {};
}

Result<ObjectInfo> deliver(const Payload& bytes, ObjectInfo info, const GetOptions& options, const ByteSink& sink) {
  const CallGuard guard(options.call);
  if (auto met = check_conditions(options.conditions, info.etag, info.last_modified); !met) {
    return std::move(met).error();
  }
  info.delivered = {0, info.size};
  if (options.range) {
    auto slice = options.range->resolve(info.size);
    if (!slice) return std::move(slice).error();
    info.delivered = *slice;
  }
  const bool whole = info.delivered.length == info.size;
  DigestCheck check(whole && options.verify ? info.digests : Digests(), info.size);
  const auto checked = [&](ByteSpan piece) { return check.add(piece).and_then([&] { return sink(piece); }); };
  return transfer(bytes, info.delivered, checked, guard).transform([&] { return std::move(info); });
}

}  // namespace audiostore
