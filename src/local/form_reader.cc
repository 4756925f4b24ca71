#include "local/form_reader.h"

#include "core/text.h"
#include "local/s3_error.h"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

namespace audiostore::local {
namespace {

constexpr std::size_t buffer_bytes = std::size_t{64} * 1024;
constexpr std::size_t max_line_bytes = 2048;
constexpr int max_head_lines = 16;

Error malformed(std::string_view what) { return s3_error(S3Code::malformed_post_request, what); }

/// The parameters of a header field: "; name=value; name="value"".
class Parameters {
 public:
  explicit Parameters(std::string_view text) : text_(text) {}

  struct Parameter {
    std::string name;  ///< in lower case
    std::string value;
  };
  /// nullopt at the end, or where what follows is no parameter: see whole().
  std::optional<Parameter> next() {
    text_ = trim(text_);
    if (!text_.starts_with(';')) return std::nullopt;
    std::string_view rest = trim(text_.substr(1));
    const std::size_t equals = rest.find('=');
    if (equals == std::string_view::npos || !is_token(rest.substr(0, equals))) return std::nullopt;
    Parameter parameter{to_lower(rest.substr(0, equals)), {}};
    rest.remove_prefix(equals + 1);
    const auto value = rest.starts_with('"') ? take_quoted(rest) : take_token(rest);
    if (!value) return std::nullopt;
    parameter.value = *value;
    text_ = rest;
    return parameter;
  }
  [[nodiscard]] bool whole() const { return text_.empty(); }

 private:
  /// Browsers write a quote as %22, others as \". Every other backslash is one: it is in paths of Windows.
  static std::optional<std::string> take_quoted(std::string_view& rest) {
    std::string value;
    for (std::size_t i = 1; i < rest.size(); ++i) {
      if (rest[i] == '"') {
        rest.remove_prefix(i + 1);
        return value;
      }
      if (rest[i] == '\\' && i + 1 < rest.size() && (rest[i + 1] == '"' || rest[i + 1] == '\\')) ++i;
      value += rest[i];
    }
    return std::nullopt;
  }
  static std::optional<std::string> take_token(std::string_view& rest) {
    const std::string_view token = rest.substr(0, rest.find_first_of("; \t"));
    if (!is_token(token)) return std::nullopt;
    rest.remove_prefix(token.size());
    return std::string(token);
  }

  std::string_view text_;
};

bool is_boundary(std::string_view text) {
  constexpr std::string_view more = "'()+_,-./:=? ";
  return !text.empty() && text.size() <= 70 && !text.ends_with(' ') && std::ranges::all_of(text, [&](char c) {
    return is_alphanumeric(c) || more.find(c) != std::string_view::npos;
  });
}

/// Reads "form-data; name=...". Errors: MalformedPOSTRequest.
Result<FormPart> parse_disposition(std::string_view value) {
  constexpr std::string_view type = "form-data";
  if (!equal_ignoring_case(value.substr(0, type.size()), type)) {
    return malformed("A part's Content-Disposition is not form-data.");
  }
  FormPart part;
  bool named = false;
  Parameters parameters(value.substr(type.size()));
  while (const auto parameter = parameters.next()) {
    if (parameter->name == "name") {
      if (std::exchange(named, true)) return malformed("A part has two names.");
      part.name = parameter->value;
    } else if (parameter->name == "filename") {
      if (part.filename) return malformed("A part has two file names.");
      part.filename = parameter->value;
    }
  }
  if (named && parameters.whole()) return part;
  return malformed("A part's Content-Disposition has no name, or is malformed.");
}

}  // namespace

std::optional<std::string> form_boundary(std::string_view content_type) {
  constexpr std::string_view type = "multipart/form-data";
  if (!equal_ignoring_case(content_type.substr(0, type.size()), type)) return std::nullopt;
  std::optional<std::string> boundary;
  Parameters parameters(content_type.substr(type.size()));
  while (const auto parameter = parameters.next()) {
    if (parameter->name != "boundary") continue;
    if (boundary || !is_boundary(parameter->value)) return std::nullopt;
    boundary = parameter->value;
  }
  return parameters.whole() ? boundary : std::nullopt;
}

FormReader::FormReader(BodyReader source, std::string_view boundary)
    : source_(std::move(source)), delimiter_("\r\n--") {
  delimiter_ += boundary;
}

Result<std::optional<FormPart>> FormReader::next() {
  if (place_ == Place::end) return std::optional<FormPart>();
  auto skipped = place_ == Place::delimiter ? Result<void>() : skip_content();
  if (!skipped) return std::move(skipped).error();
  const auto another = take_delimiter();
  if (!another) return another.error();
  if (!*another) {
    place_ = Place::end;
    return std::optional<FormPart>();
  }
  auto part = read_head();
  if (!part) return std::move(part).error();
  place_ = Place::content;
  return std::optional(std::move(*part));
}

Result<std::size_t> FormReader::read(std::span<std::byte> out) {
  while (place_ == Place::content && !out.empty()) {
    const std::string_view held = std::string_view(buffer_).substr(at_);
    const std::size_t end = held.find(delimiter_);
    if (end == 0) {
      place_ = Place::delimiter;
      break;
    }
    // What may be the beginning of a delimiter stays until the rest is there.
    const std::size_t safe =
        end != std::string_view::npos ? end : held.size() - std::min(held.size(), delimiter_.size() - 1);
    if (safe > 0) {
      const std::size_t count = std::min(safe, out.size());
      std::memcpy(out.data(), held.data(), count);
      use(count);
      return count;
    }
    const auto filled = fill();
    if (!filled) return filled.error();
    if (!*filled) return malformed("The form ends within a part.");
  }
  return 0U;
}

/// Reads on; false at the source's end.
Result<bool> FormReader::fill() {
  buffer_.erase(0, std::exchange(at_, 0));
  const std::size_t held = buffer_.size();
  buffer_.resize(buffer_bytes);
  const auto got = source_(std::as_writable_bytes(std::span(buffer_)).subspan(held));
  buffer_.resize(held + got.value_or(0U));
  if (!got) return got.error();
  return *got > 0;
}

void FormReader::use(std::size_t bytes) {
  at_ += bytes;
  position_ += bytes;
}

/// Up to the next delimiter. A form begins with one, without the line end in front of it.
Result<void> FormReader::skip_content() {
  if (std::exchange(place_, Place::content) == Place::start) {
    buffer_ = "\r\n";
    std::byte first;
    const auto got = read(std::span(&first, 1));
    if (!got) return got.error();
    return *got == 0 ? Result<void>() : malformed("The form does not begin with its boundary.");
  }
  std::vector<std::byte> skipped(4096);
  for (;;) {
    const auto got = read(skipped);
    if (!got) return got.error();
    if (*got == 0) return {};
  }
}

/// Uses the delimiter up. False where it is the last one.
Result<bool> FormReader::take_delimiter() {
  use(delimiter_.size());
  while (buffer_.size() - at_ < 2) {
    auto filled = fill();
    if (!filled) return filled;
    if (!*filled) return malformed("The form ends within a boundary.");
  }
  if (std::string_view(buffer_).substr(at_).starts_with("--")) return false;
  const auto padding = take_line();
  if (!padding) return padding.error();
  if (trim(*padding).empty()) return true;
  return malformed("Something follows a boundary on its line.");
}

/// The next line, without its end.
Result<std::string> FormReader::take_line() {
  for (;;) {
    const std::string_view held = std::string_view(buffer_).substr(at_);
    const std::size_t end = held.find("\r\n");
    if (std::min(end, held.size()) > max_line_bytes) return malformed("A part's header is too long.");
    if (end != std::string_view::npos) {
      std::string line(held.substr(0, end));
      use(end + 2);
      return line;
    }
    const auto filled = fill();
    if (!filled) return filled.error();
    if (!*filled) return malformed("The form ends within a part's header.");
  }
}

Result<FormPart> FormReader::read_head() {
  std::optional<FormPart> part;
  for (int lines = 0; lines < max_head_lines; ++lines) {
    const auto line = take_line();
    if (!line) return line.error();
    if (line->empty())
      return part ? Result<FormPart>(std::move(*part)) : malformed("A part has no Content-Disposition.");
    const std::size_t colon = line->find(':');
    const std::string_view name = std::string_view(*line).substr(0, colon);
    if (colon == std::string::npos || !is_token(name)) return malformed("A part's header is malformed.");
    if (!equal_ignoring_case(name, "content-disposition")) continue;
    if (part) return malformed("A part has two Content-Dispositions.");
    auto parsed = parse_disposition(trim(std::string_view(*line).substr(colon + 1)));
    if (!parsed) return parsed;
    part = std::move(*parsed);
  }
  return malformed("A part has too many headers.");
}

}  // namespace audiostore::local
