// A form upload, as LocalEndpoint reads it: its boundary, its parts, its policy.
// Input: the Content-Type on a line of its own, then the body.
#include "fuzz/fuzz.h"
#include "local/form_reader.h"
#include "local/post_policy.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

using namespace audiostore;

namespace {

/// Hands out `piece` bytes at a time.
local::BodyReader reader(std::string_view body, std::size_t piece) {
  return [body, piece](std::span<std::byte> out) mutable -> Result<std::size_t> {
    const std::size_t count = std::min({out.size(), body.size(), piece});
    std::memcpy(out.data(), body.data(), count);
    body.remove_prefix(count);
    return count;
  };
}

/// Names and contents of all parts; the last word says whether the form is malformed.
std::vector<std::string> read(std::string_view body, std::string_view boundary, std::size_t piece) {
  std::vector<std::string> read;
  local::FormReader form(reader(body, piece), boundary);
  std::vector<std::byte> buffer(100);
  for (;;) {
    const auto part = form.next();
    if (!part || !*part) break;
    read.push_back((*part)->name + '/' + (*part)->filename.value_or(""));
    std::string content;
    for (auto got = form.read(buffer); got && *got > 0; got = form.read(buffer)) {
      content.append(reinterpret_cast<const char*>(buffer.data()), *got);
    }
    fuzz::require(content.find("\r\n--" + std::string(boundary)) == std::string::npos, "no content has the boundary");
    read.push_back(std::move(content));
  }
  fuzz::require(form.position() <= body.size() + 2, "no more is used up than there is");
  return read;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text = fuzz::text_of(data, size);
  static_cast<void>(local::parse_post_policy(text));
  const auto boundary = local::form_boundary(fuzz::take_line(text));
  if (!boundary) return 0;
  fuzz::require(read(text, *boundary, 1) == read(text, *boundary, 10'000), "a form is the same in pieces");
  return 0;
}
