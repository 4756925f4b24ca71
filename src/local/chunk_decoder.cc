#include "local/chunk_decoder.h"

#include "core/text.h"
#include "local/s3_error.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace audiostore::local {
namespace {

constexpr std::size_t max_line_bytes = 128;  // 16 digits, ";chunk-signature=", 64 digits, CRLF
constexpr std::size_t max_trailer_bytes = 4096;
constexpr std::uint64_t min_chunk_bytes = 8192;
constexpr std::string_view signature_extension = ";chunk-signature=";
constexpr std::string_view trailer_signature = "x-amz-trailer-signature";

Error malformed(std::string_view what) { return s3_error(S3Code::incomplete_body, what); }
Error malformed_trailer(std::string_view what) { return s3_error(S3Code::malformed_trailer, what); }
Error wrong_signature(std::string_view what) { return s3_error(S3Code::signature_does_not_match, what); }

std::string_view as_text(ByteSpan bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

std::optional<std::uint64_t> parse_size(std::string_view digits) {
  std::uint64_t size = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), size, 16);
  const bool whole = error == std::errc() && end == digits.data() + digits.size() && digits.size() <= 16;
  return whole ? std::optional(size) : std::nullopt;
}

/// Adds the field of one line. Errors: MalformedTrailerError.
Result<void> add_field(Headers& fields, std::string_view line) {
  const std::size_t colon = line.find(':');
  const std::string_view name = line.substr(0, colon);
  if (colon == std::string_view::npos || !is_token(name)) return malformed_trailer("The trailer has a malformed line.");
  const std::string_view value = trim(line.substr(colon + 1));
  const bool plain = std::ranges::all_of(value, [](char c) { return c >= ' ' && c < '\x7f'; });
  if (!plain || find_header(fields, name)) return malformed_trailer("The trailer has a malformed or repeated field.");
  fields.push_back({to_lower(name), std::string(value)});
  return {};
}

/// Some clients end a field with "\n\r\n", as AWS's documentation shows it; S3 takes both.
Result<Headers> parse_trailer(std::string_view text) {
  if (!text.ends_with("\r\n\r\n")) return malformed_trailer("The trailer does not end with an empty line.");
  Headers fields;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(line.size() + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    if (auto added = add_field(fields, line); !added) return std::move(added).error();
  }
  return fields;
}

std::string canonical(Headers fields) {
  std::ranges::sort(fields, {}, &Header::name);
  std::string out;
  for (const auto& [name, value] : fields) out.append(name).append(":").append(value).append("\n");
  return out;
}

}  // namespace

Result<void> ChunkDecoder::feed(ByteSpan bytes, const ByteSink& sink) {
  while (!bytes.empty()) {
    const auto used = [&] {
      switch (place_) {
        case Place::bytes: return take_bytes(bytes, sink);
        case Place::trailer: return take_trailer(as_text(bytes));
        default: return take_line(as_text(bytes));
      }
    }();
    if (!used) return used.error();
    bytes = bytes.subspan(*used);
  }
  return {};
}

Result<Headers> ChunkDecoder::finish() {
  if (place_ != (framing_.has_trailer ? Place::trailer : Place::end)) return malformed("The body ends within a chunk.");
  if (left_ > 0) return malformed("The chunks have less bytes than x-amz-decoded-content-length says.");
  if (!framing_.has_trailer) return Headers();
  auto fields = parse_trailer(text_);
  if (!fields || !framing_.signatures) return fields;
  if (fields->empty() || fields->back().name != trailer_signature) {
    return malformed_trailer("The trailer does not end with x-amz-trailer-signature.");
  }
  const std::string signature = std::move(fields->back().value);
  fields->pop_back();
  if (framing_.signatures->accept_trailer(canonical(*fields), signature)) return fields;
  return wrong_signature("The trailer's signature is not that of its fields.");
}

/// Collects a line; the bytes that it used.
Result<std::size_t> ChunkDecoder::take_line(std::string_view text) {
  if (place_ == Place::end) return malformed("Something follows the last chunk.");
  const std::size_t used = std::min(text.find('\n'), text.size() - 1) + 1;
  text_.append(text.substr(0, std::min(used, max_line_bytes + 1)));
  if (text_.size() > max_line_bytes) return malformed("A chunk begins with too long a line.");
  if (!text_.ends_with('\n')) return used;
  const std::string line = std::exchange(text_, {});
  if (!line.ends_with("\r\n")) return malformed("A line of the chunks does not end with CRLF.");
  return read_line(std::string_view(line).substr(0, line.size() - 2)).transform([&] { return used; });
}

Result<std::size_t> ChunkDecoder::take_bytes(ByteSpan bytes, const ByteSink& sink) {
  const ByteSpan taken = bytes.first(static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), chunk_left_)));
  chunk_left_ -= taken.size();
  if (framing_.signatures) hash_.update(taken);
  if (chunk_left_ == 0) place_ = Place::bytes_end;
  return sink(taken).transform([&] { return taken.size(); });
}

Result<std::size_t> ChunkDecoder::take_trailer(std::string_view text) {
  if (text.size() > max_trailer_bytes - text_.size()) return malformed_trailer("The trailer is too long.");
  text_.append(text);
  return text.size();
}

Result<void> ChunkDecoder::read_line(std::string_view line) {
  if (place_ == Place::size) return begin_chunk(line);
  if (!line.empty()) return malformed("A chunk is longer than its size says.");
  if (chunk_size_ > 0) return end_chunk();
  place_ = Place::end;
  return {};
}

Result<void> ChunkDecoder::begin_chunk(std::string_view line) {
  const std::size_t digits = std::min(line.find(';'), line.size());
  const auto size = parse_size(line.substr(0, digits));
  const std::string_view extension = line.substr(digits);
  const bool as_framed = framing_.signatures ? extension.starts_with(signature_extension) : extension.empty();
  if (!size || !as_framed) return malformed("A chunk does not begin with its size and, where it is signed, signature.");
  if (*size > left_) return malformed("The chunks have more bytes than x-amz-decoded-content-length says.");
  if (begun_ && *size > 0 && chunk_size_ < min_chunk_bytes) {
    return s3_error(S3Code::invalid_chunk_size, "Only the last chunk may have less than 8,192 bytes.");
  }
  if (framing_.signatures) signature_ = extension.substr(signature_extension.size());
  begun_ = true;
  left_ -= *size;
  chunk_size_ = chunk_left_ = *size;
  place_ = Place::bytes;
  if (*size > 0) return {};
  place_ = framing_.has_trailer ? Place::trailer : Place::bytes_end;
  return end_chunk();
}

/// The chunk's bytes are all there; whether they are those that were signed.
Result<void> ChunkDecoder::end_chunk() {
  if (chunk_size_ > 0) place_ = Place::size;
  if (!framing_.signatures) return {};
  if (framing_.signatures->accept_chunk(std::exchange(hash_, {}).finish(), signature_)) return {};
  return wrong_signature("A chunk's signature is not that of its bytes and of all that came before.");
}

}  // namespace audiostore::local
