#include <audiostore/transfer.h>

#include "core/text.h"

#include <fmt/format.h>

#include <optional>

namespace audiostore {
namespace {

constexpr std::string_view first_line = "audiostore-upload 1";

Error malformed() {
  return Error(ErrorCode::invalid_argument, "this is not the text of an upload's checkpoint; begin the upload anew");
}

std::string_view take(std::string_view& text, char end) {
  const std::string_view word = text.substr(0, text.find(end));
  text.remove_prefix(word.size() < text.size() ? word.size() + 1 : text.size());
  return word;
}

/// "name value"; the value, or nullopt.
std::optional<std::string_view> take_value(std::string_view& text, std::string_view name) {
  std::string_view line = take(text, '\n');
  if (take(line, ' ') != name) return std::nullopt;
  return line;
}

bool is_digest(std::string_view text) {
  constexpr std::size_t digits = 64;
  return text.size() == digits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::optional<UploadedPart> parse_part(std::string_view line) {
  constexpr std::uint64_t most = 10'000;
  const auto number = parse_decimal(take(line, ' '));
  const std::string_view digest = take(line, ' ');
  if (!number || *number < 1 || *number > most || line.empty()) return std::nullopt;
  if (digest != "-" && !is_digest(digest)) return std::nullopt;
  return UploadedPart{static_cast<int>(*number), std::string(line), std::string(digest == "-" ? "" : digest)};
}

}  // namespace

std::string UploadCheckpoint::to_string() const {
  std::string text =
      fmt::format("{}\nid {}\nmark {}\nsize {}\npart-size {}\n", first_line, upload_id, mark, size, part_size);
  for (const UploadedPart& part : parts) {
    text += fmt::format("part {} {} {}\n", part.number, part.sha256.empty() ? "-" : part.sha256, part.etag);
  }
  return text;
}

Result<UploadCheckpoint> UploadCheckpoint::parse(std::string_view text) {
  // Without its last line end it was cut off, maybe within a number or an ETag.
  if (!text.ends_with('\n') || take(text, '\n') != first_line) return malformed();
  const auto id = take_value(text, "id");
  const auto mark = take_value(text, "mark");
  const auto size = parse_decimal(take_value(text, "size").value_or(""));
  const auto part_size = parse_decimal(take_value(text, "part-size").value_or(""));
  if (!id || id->empty() || !mark || !size || !part_size) return malformed();
  UploadCheckpoint checkpoint{
      .upload_id = std::string(*id), .mark = std::string(*mark), .size = *size, .part_size = *part_size};
  while (!text.empty()) {
    const auto line = take_value(text, "part");
    auto part = line ? parse_part(*line) : std::nullopt;
    if (!part || (!checkpoint.parts.empty() && part->number <= checkpoint.parts.back().number)) return malformed();
    checkpoint.parts.push_back(*std::move(part));
  }
  return checkpoint;
}

}  // namespace audiostore
